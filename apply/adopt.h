/* SPDX-License-Identifier: MIT */
#ifndef WOS_ADOPT_H
#define WOS_ADOPT_H

#include <stdbool.h>

#include "buf.h"
#include "catalogue.h"
#include "db.h"

/*
 * The tables of the system that wos replaces, in SQLite or D1, which know no
 * provenance.  SQL that is added to `sql` has each statement end a line.
 */

/* Did the replaced system have a table of that name? */
bool adopt_is_replaced(const char *name);

/* The columns of such a table.  Zero-initialise it, release it. */
struct adopt {
	struct adopt_column {
		char *name, *type;
	} * column;
	size_t n;
};

/* What tells of the columns of the table $1, for adopt_add_column. */
#define ADOPT_COLUMNS "SELECT name, type FROM pragma_table_info($1)"
void adopt_add_column(void *adopt, const struct value *row, size_t n);
void adopt_release(struct adopt *old);

/*
 * Makes the table anew with all its rows and columns, and with times as
 * numbers.  Its key may have been wider than ours: of rows that now share one,
 * the last updated stays.
 */
void adopt_table(
    struct buf *sql, const struct table *t, const struct adopt *old);

/*
 * The old ledger had no types, and it alone said how far it had come: the
 * cursor begins there.
 */
void adopt_ledger(struct buf *sql);

#endif
