/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_LOOK_H
#define WOS_SQLITE_LOOK_H

#include <sqlite3.h>
#include <stdbool.h>

#include "catalogue.h"

/*
 * Looks at what a database has.  What can't be known counts as absent for the
 * moment, and nothing may be done about it: whoever has looked asks `code`
 * first.
 */
struct look {
	sqlite3 *h;
	int code; /* of the first question that failed, or SQLITE_OK */
};

/* Runs statements without values.  Returns a SQLite code. */
int sqlite_exec(sqlite3 *handle, const char *sql);

/* Does the query, for this name if it is not NULL, return a row? */
bool look_exists(struct look *l, const char *sql, const char *name);

/*
 * Is there a table or a view of that name?  Names have no case in SQLite, and a
 * view keeps a table from being made under its own.
 */
bool look_has_table(struct look *l, const char *name);

/*
 * Has the table the column; or, if that is NULL, is there such a table?  Not if
 * it is a view.
 */
bool look_has_column(struct look *l, const char *table, const char *column);

/* Has it all of the table's columns? */
bool look_has_columns(struct look *l, const struct table *t);

/* Is there a table or a view with the name of ours, but not made by us? */
bool look_is_foreign(struct look *l, const struct table *t);

#endif
