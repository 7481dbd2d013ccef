/* SPDX-License-Identifier: MIT */
#ifndef WOS_ASSIGN_H
#define WOS_ASSIGN_H

#include "form.h"
#include "tokens.h"

/*
 * What a statement puts into its columns.  SQLite would keep a text in a column
 * of times, integers or booleans, and whoever reads it afterwards would take it
 * for a number; PostgreSQL would not, but both are to hold the same.
 */

/*
 * Reads the statement from behind its table's name on, and notes in the form
 * which value goes where, and what it must be.  Returns NULL, or why it can't
 * be accepted: a column of numbers takes what is in a column of another kind,
 * or what it takes can't be told.
 */
const char *assign_read(struct form *f, struct tokens t);

/*
 * Looks at the values of a statement of this form.  Returns NULL, or why they
 * can't be taken.
 */
const char *assign_refuses(const struct form *f, const struct statement *s);

#endif
