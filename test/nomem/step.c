/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: what SQLite does where it has no memory for a statement.  The
 * first time that one with STEP_TEXT in it is run, the transaction is rolled
 * back, and sqlite3_step returns SQLITE_NOMEM; a byte on descriptor 9 tells so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int step_fn(sqlite3_stmt *);

int
sqlite3_step(sqlite3_stmt *stmt)
{
	static int done;
	step_fn *step = (step_fn *)dlsym(RTLD_NEXT, "sqlite3_step");
	const char *text = getenv("STEP_TEXT"), *sql = sqlite3_sql(stmt);

	if (done || text == NULL || sql == NULL || strstr(sql, text) == NULL)
		return step(stmt);
	done = 1;
	sqlite3_set_authorizer(sqlite3_db_handle(stmt), NULL, NULL);
	sqlite3_exec(sqlite3_db_handle(stmt), "ROLLBACK", NULL, NULL, NULL);
	return write(9, "x", 1) == 1 ? SQLITE_NOMEM : SQLITE_ERROR;
}
