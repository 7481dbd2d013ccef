/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_ADOPT_H
#define WOS_SQLITE_ADOPT_H

#include "catalogue.h"
#include "sqlite_look.h"

/*
 * The tables of the system that wos replaces, which know no provenance.  These
 * return a SQLite code, in the caller's transaction.
 */

/* Did the replaced system have a table of that name? */
bool adopt_is_replaced(const char *name);

/*
 * Makes such a table anew with all its rows and columns, and with times as
 * numbers.  Its key may have been wider than ours: of rows that now share one,
 * the last updated stays.
 */
int adopt_table(struct look *l, const struct table *t);

/*
 * The old ledger had no types, and it alone said how far it had come: the
 * cursor begins there.
 */
int adopt_ledger(sqlite3 *h);

#endif
