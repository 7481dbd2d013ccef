/* SPDX-License-Identifier: MIT */
#ifndef WOS_ASSIGN_H
#define WOS_ASSIGN_H

#include "shape.h"

/*
 * What a statement puts into columns that hold numbers: times, integers and
 * booleans.  SQLite would keep a text there, and whoever reads it afterwards
 * would take it for a number; PostgreSQL would not, but both are to hold the
 * same.
 */

/*
 * Looks at what the shape assigns to such columns, and notes what its values
 * must be.  Returns NULL, or why it can't be taken: it takes what is in a
 * column of another kind, or what is assigned can't be told.
 */
const char *assign_check(struct shape *s, const char *text, size_t len);

/*
 * The same of the values of a statement that has this shape.  Returns NULL if
 * they are so, or why they can't be taken.
 */
const char *assign_refuses(
    const struct shape *s, const struct statement *values);

#endif
