/* SPDX-License-Identifier: MIT */
#include "sqlite_look.h"

int
sqlite_exec(sqlite3 *handle, const char *sql)
{
	return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

bool
look_exists(struct look *l, const char *sql, const char *name)
{
	sqlite3_stmt *stmt = NULL;
	int code;

	if (l->code != SQLITE_OK)
		return false;
	code = sqlite3_prepare_v2(l->h, sql, -1, &stmt, NULL);
	if (code == SQLITE_OK && name != NULL)
		code = sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		l->code = code;
	return code == SQLITE_ROW;
}

bool
look_has_table(struct look *l, const char *name)
{
	return look_exists(l,
	    "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') "
	    "AND name = ? COLLATE NOCASE",
	    name);
}

bool
look_has_column(struct look *l, const char *table, const char *column)
{
	int code;

	if (l->code != SQLITE_OK)
		return false;
	code = sqlite3_table_column_metadata(
	    l->h, "main", table, column, NULL, NULL, NULL, NULL, NULL);
	if (code != SQLITE_OK && (code & 0xFF) != SQLITE_ERROR) /* no such */
		l->code = code;
	return code == SQLITE_OK;
}

bool
look_is_foreign(struct look *l, const struct table *t)
{
	return look_has_table(l, t->name) &&
	       !look_has_column(l, t->name, table_own_column(t));
}

bool
look_has_columns(struct look *l, const struct table *t)
{
	bool all = true;

	for (size_t i = 0; all && i < t->ncolumns; i++)
		all = look_has_column(l, t->name, t->column[i].name);
	return all;
}
