/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_GUARD_H
#define WOS_SQLITE_GUARD_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A second lock behind the check of a statement's form, on while one of the
 * stream's runs: rows of the catalogue's tables, and nothing else.  What a
 * trigger of the database's owner does is the owner's business; but what is
 * called a trigger here may also be a name that the statement itself has given
 * to a query in it.
 */
struct guard {
	bool on;
	bool alone;    /* and nothing of a trigger in it? */
	bool inside;   /* has it something that may be a trigger's? */
	int64_t until; /* when its time is over, on the clock of time_ticks */
};

/* What can be used against its database, or the database against us. */
void guard_confine(sqlite3 *h);

/* From now on the guard looks at what is prepared, and run. */
void guard_install(struct guard *g, sqlite3 *h);

/* While it is on, a statement may run for DB_STATEMENT_MS. */
void guard_set(struct guard *g, bool on);

/* Prepares a statement.  Returns a SQLite code. */
int guard_prepare(
    struct guard *g, sqlite3 *h, const char *sql, sqlite3_stmt **stmt);

#endif
