/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "catalogue.h"
#include "clock.h"
#include "db.h"
#include "sqlite_guard.h"

/*
 * Steps of SQLite's machine between two looks at the clock: most take no time,
 * but one that reads a value of megabytes takes milliseconds.
 */
#define STEPS 1000

/* The functions that a row change may call: its own, and a default's. */
static bool
is_function_allowed(const char *name)
{
	return strcmp(name, "coalesce") == 0 || strcmp(name, "julianday") == 0;
}

static int
authorize(void *arg, int action, const char *a, const char *b,
    const char *database, const char *trigger)
{
	struct guard *g = arg;
	const struct table *t;

	(void)database;
	if (!g->on)
		return SQLITE_OK;
	if (trigger != NULL && !g->alone) {
		g->inside = true;
		return SQLITE_OK;
	}
	switch (action) {
	case SQLITE_SELECT:
		return SQLITE_OK;
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_READ:
		t = catalogue_table(a);
		return t != NULL && !t->is_private ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_FUNCTION:
		return is_function_allowed(b) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/*
 * Is the statement to end?  Its time begins with the first look: most are done
 * before, and need no clock.
 */
static int
is_overtime(void *arg)
{
	struct guard *g = arg;

	if (!g->on)
		return 0;
	if (g->until == 0)
		g->until = time_ticks() + DB_STATEMENT_MS;
	return time_ticks() > g->until;
}

void
guard_confine(sqlite3 *h)
{
	/* A name that no table has is an error, not a text in quotes. */
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
}

void
guard_install(struct guard *g, sqlite3 *h)
{
	sqlite3_set_authorizer(h, authorize, g);
	sqlite3_progress_handler(h, STEPS, is_overtime, g);
}

void
guard_set(struct guard *g, bool on)
{
	g->on = on;
	g->until = 0;
}

static int
prepare_one(sqlite3 *h, const char *sql, sqlite3_stmt **stmt)
{
	return sqlite3_prepare_v3(
	    h, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
}

/*
 * The stream's: within a limit that an owner's views need not keep.  The depth
 * of an expression is left at SQLite's 1000, which triggers must keep as well.
 */
static int
prepare_within(sqlite3 *h, const char *sql, sqlite3_stmt **stmt)
{
	const int limit = SQLITE_LIMIT_COMPOUND_SELECT;
	int usual = sqlite3_limit(h, limit, 4);
	int code = prepare_one(h, sql, stmt);

	sqlite3_limit(h, limit, usual);
	return code;
}

/* Would the statement be allowed if it set off no trigger? */
static int
check_alone(struct guard *g, sqlite3 *h, const char *sql)
{
	sqlite3_stmt *stmt;
	int code;

	sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	g->alone = true;
	code = prepare_one(h, sql, &stmt);
	sqlite3_finalize(stmt);
	g->alone = false;
	sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	return code;
}

int
guard_prepare(struct guard *g, sqlite3 *h, const char *sql, sqlite3_stmt **stmt)
{
	int code;

	g->inside = false;
	code = g->on ? prepare_within(h, sql, stmt) : prepare_one(h, sql, stmt);
	if (code == SQLITE_OK && g->inside)
		code = check_alone(g, h, sql);
	if (code != SQLITE_OK) {
		sqlite3_finalize(*stmt);
		*stmt = NULL;
	}
	return code;
}
