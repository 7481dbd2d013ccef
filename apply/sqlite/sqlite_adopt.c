/* SPDX-License-Identifier: MIT */
#include "adopt.h"
#include "sqlite_adopt.h"

/* A text of SQLite's own, or NULL. */
static struct value
column_text(sqlite3_stmt *stmt, int i)
{
	return value_text((const char *)sqlite3_column_text(stmt, i));
}

static int
read_columns(sqlite3 *h, const char *table, struct adopt *old)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(h, ADOPT_COLUMNS, -1, &stmt, NULL);

	if (code != SQLITE_OK)
		return code;
	sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		adopt_add_column(old,
		    (struct value[]){
			column_text(stmt, 0), column_text(stmt, 1)},
		    2);
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int
sqlite_adopt_table(sqlite3 *h, const struct table *t)
{
	struct adopt old = {0};
	struct buf sql = {0};
	int code = read_columns(h, t->name, &old);

	adopt_table(&sql, t, &old);
	if (code == SQLITE_OK)
		code = sqlite_exec(h, buf_str(&sql));
	adopt_release(&old);
	buf_free(&sql);
	return code;
}

int
sqlite_adopt_ledger(sqlite3 *h)
{
	struct buf sql = {0};
	int code;

	adopt_ledger(&sql);
	code = sqlite_exec(h, buf_str(&sql));
	buf_free(&sql);
	return code;
}
