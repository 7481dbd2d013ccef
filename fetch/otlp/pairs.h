/* SPDX-License-Identifier: MIT */
#ifndef WOS_PAIRS_H
#define WOS_PAIRS_H

#include "buf.h"

/*
 * Takes the next pair off a list of name=value,name=value, percent-encoded, as
 * variables of OpenTelemetry have them.  *list moves behind it.
 *
 * Returns 1 with the pair decoded in `name` and `value`, both for buf_str; 0 at
 * the end of the list; or -1 if what stood there is no pair, or decodes to what
 * has a NUL in it.
 */
int pairs_next(const char **list, struct buf *name, struct buf *value);

#endif
