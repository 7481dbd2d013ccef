/* SPDX-License-Identifier: MIT */
#ifndef WOS_BEGINNING_H
#define WOS_BEGINNING_H

#include <stddef.h>

/*
 * What a stream begins with tells a file of another kind, which would be parked
 * line by line: packed, a database, SQL, a page of the API.
 */

/*
 * Looks at the first line of a stream, without its newline.  Returns NULL, or
 * what it is and what would help.
 */
const char *beginning_refused(const char *text, size_t len);

#endif
