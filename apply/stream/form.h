/* SPDX-License-Identifier: MIT */
#ifndef WOS_FORM_H
#define WOS_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "catalogue.h"
#include "db.h"
#include "statement.h"

/*
 * The form of a row change: its SQL with $1, $2 ... in the place of literals,
 * and what reading that tells.  Nobody else reads SQL.
 */

/* Columns in an INSERT's list; the widest table of the catalogue has 24. */
#define FORM_COLUMNS_MAX 64

enum verb { VERB_INSERT, VERB_DELETE, VERB_UPDATE };

/* What a value must be to be stored as a number: see assign.h. */
enum fit { FIT_ANY, FIT_NUMBER, FIT_BOOL };

struct form {
	struct query query;     /* owns its sql */
	size_t len;             /* of that, in bytes */
	struct pattern pattern; /* that too, taken apart */
	const char *why;        /* not NULL: why it is not accepted */
	const struct table *table;
	enum verb verb;
	const char *rest; /* in the sql, what follows the table's name */
	/*
	 * Of an INSERT or UPDATE: the number of the value that goes into each
	 * column of the table as it is; 0 for none.  Is it an INSERT of one
	 * row, and is that the one of its key, whether it was there before or
	 * not?  Or an UPDATE whose condition names the row's key: then that is
	 * marked, too.
	 */
	unsigned char mark[FORM_COLUMNS_MAX];
	bool by_key;
	/*
	 * Of INSERT ... SELECT ... WHERE, for one row: the condition, as a
	 * query that returns a row if it holds, and the INSERT without it. They
	 * own their sql, and the row's values come first.  Of all else: NULL.
	 */
	struct query condition, row;
	size_t nrow;         /* values of the row */
	const char *cascade; /* the parent whose descendants it takes along */
	bool orphan_note; /* is it what follows a child's upsert, about orphans?
			   */
	enum { OF_OBJECTS, OF_ORPHANS, OF_ITEMS } rows; /* what its table has */
	bool copies;     /* does it take a text from another column or row? */
	bool needs_item; /* does it change nothing without a list's items? */
	enum fit fit[STATEMENT_MAX_VALUES];
	struct form *next; /* what came after it last time, or NULL */
};

#endif
