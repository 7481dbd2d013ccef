/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "ddl.h"
#include "sqlite_adopt.h"

bool
adopt_is_replaced(const char *name)
{
	static const char *const replaced[] = {
	    "events_cursor", "user", "organization", "organization_membership"};

	for (size_t i = 0; i < sizeof replaced / sizeof replaced[0]; i++)
		if (strcmp(name, replaced[i]) == 0)
			return true;
	return false;
}

/*
 * A value of the old table as the new column wants it.  Old times may be ISO
 * 8601 text, or numbers in text; old booleans may be words.
 */
static void
add_converted(struct buf *sql, const struct column *c)
{
	const char *n = c->name;

	if (c->type == TYPE_TIME)
		buf_printf(sql,
		    "CASE WHEN typeof(\"%s\") <> 'text' THEN "
		    "CAST(\"%s\" AS INTEGER) "
		    "WHEN \"%s\" GLOB '*[^0-9]*' THEN "
		    "CAST((julianday(\"%s\") - 2440587.5) * 86400000.0 + 0.5 "
		    "AS INTEGER) "
		    "ELSE CAST(\"%s\" AS INTEGER) END",
		    n, n, n, n, n);
	else if (c->type == TYPE_BOOL)
		buf_printf(sql,
		    "CASE lower(\"%s\") WHEN 'true' THEN 1 "
		    "WHEN 'false' THEN 0 ELSE \"%s\" END",
		    n, n);
	else
		buf_printf(sql, "\"%s\"", n);
}

/* Adds to `to` and `from` the columns that both tables have. */
static void
add_common(
    struct look *l, const struct table *t, struct buf *to, struct buf *from)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		const struct column *c = &t->column[i];

		if (!look_has_column(l, t->name, c->name))
			continue;
		buf_printf(to, "%s\"%s\"", to->len ? ", " : "", c->name);
		if (from->len > 0)
			buf_puts(from, ", ");
		add_converted(from, c);
	}
}

static bool
is_ours(const struct table *t, const char *column)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (strcasecmp(t->column[i].name, column) == 0)
			return true;
	return false;
}

/*
 * Columns that somebody added to the old table stay, with their type but
 * without constraints, which could refuse our rows.
 */
static int
add_theirs(sqlite3 *h, const struct table *t, struct buf *alter, struct buf *to,
    struct buf *from)
{
	sqlite3_stmt *stmt;
	char *part;
	int code;

	code = sqlite3_prepare_v2(
	    h, "SELECT name, type FROM pragma_table_info(?)", -1, &stmt, NULL);
	if (code != SQLITE_OK)
		return code;
	sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		const char *type = (const char *)sqlite3_column_text(stmt, 1);

		if (is_ours(t, name))
			continue;
		part = sqlite3_mprintf(
		    "ALTER TABLE wos_new ADD COLUMN \"%w\" %s;", name, type);
		buf_puts(alter, part ? part : "");
		sqlite3_free(part);
		part = sqlite3_mprintf(", \"%w\"", name);
		buf_puts(to, part ? part : "");
		buf_puts(from, part ? part : "");
		sqlite3_free(part);
	}
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int
adopt_table(struct look *l, const struct table *t)
{
	struct buf sql = {0}, alter = {0}, to = {0}, from = {0};
	int code;

	add_common(l, t, &to, &from);
	code = add_theirs(l->h, t, &alter, &to, &from);
	ddl_table(&sql, t, "wos_new", DIALECT_SQLITE);
	buf_add(&sql, alter.p, alter.len);
	buf_printf(&sql, "INSERT OR REPLACE INTO wos_new (%s) ", buf_str(&to));
	buf_printf(&sql, "SELECT %s FROM \"%s\" ORDER BY %s rowid;",
	    buf_str(&from), t->name,
	    look_has_column(l, t->name, "updated_at") ? "\"updated_at\"," : "");
	buf_printf(&sql,
	    "DROP TABLE \"%s\"; ALTER TABLE wos_new RENAME TO \"%s\";", t->name,
	    t->name);
	if (code == SQLITE_OK)
		code = l->code;
	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, buf_str(&sql));
	buf_free(&sql);
	buf_free(&alter);
	buf_free(&to);
	buf_free(&from);
	return code;
}

int
adopt_ledger(sqlite3 *h)
{
	return sqlite_exec(h,
	    "UPDATE \"events_cursor\" SET \"event_type\" = "
	    "json_extract(\"event_payload\", '$.event') "
	    "WHERE json_valid(\"event_payload\");"
	    "INSERT INTO \"sync_cursor\" "
	    "(\"name\", \"event_id\", \"event_at\", \"moved_at\") "
	    "SELECT 'default', \"event_id\", \"created_at\", \"processed_at\" "
	    "FROM \"events_cursor\" ORDER BY \"created_at\" DESC, rowid DESC "
	    "LIMIT 1 ON CONFLICT DO NOTHING;");
}
