/* SPDX-License-Identifier: MIT */
#ifndef WOS_REACH_H
#define WOS_REACH_H

#include "form.h"
#include "tokens.h"

/*
 * How far a statement reaches: why too far, or NULL.  It may look through one
 * table, or change all rows of one; of all others it names rows by their keys,
 * each query those of one table, and an INSERT adds to no table what it finds
 * in another, or in the same.  So it costs one look through a table at most,
 * whatever is in its text: it joins nothing, and multiplies no rows.  Only what
 * takes a parent's descendants along, which is known by its text, does more.
 *
 * The tokens are behind the table's name, and have been found good.
 */
const char *reach_read(const struct form *f, struct tokens t);

#endif
