/* SPDX-License-Identifier: MIT */
#ifndef WOS_BEGINNING_H
#define WOS_BEGINNING_H

#include <stddef.h>

#include "lines.h"

/*
 * What a stream begins with tells a file of another kind, which would be
 * parked, or passed on, line by line: packed, a database, SQL, a page of the
 * API.
 */

/*
 * Looks at the first line of a stream, without its newline.  If the stream is
 * of another kind, says what it is and what would help, and ends the program.
 */
void beginning_check(const char *name, const char *text, size_t len);

/*
 * The same, behind what some programs begin a file with: takes the mark of
 * UTF-8 off the line, and returns its length.
 */
size_t beginning_take(const char *name, struct line *line);

#endif
