/*
 * The schema follows the catalogue.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "catalogue.h"
#include "ddl.h"
#include "sqlite.h"

/* Does the query, with one text value, return a row? */
static bool
exists(sqlite3 *h, const char *sql, const char *a, const char *b)
{
	sqlite3_stmt *stmt;
	bool found;

	if (sqlite3_prepare_v2(h, sql, -1, &stmt, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_text(stmt, 1, a, -1, SQLITE_STATIC);
	if (b != NULL)
		sqlite3_bind_text(stmt, 2, b, -1, SQLITE_STATIC);
	found = sqlite3_step(stmt) == SQLITE_ROW;
	sqlite3_finalize(stmt);
	return found;
}

/*
 * Names have no case in SQLite, and a view keeps a table from being made under
 * its own.
 */
static bool
has_table(sqlite3 *h, const char *name)
{
	return exists(h,
	    "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') "
	    "AND name = ? COLLATE NOCASE",
	    name, NULL);
}

static bool
has_column(sqlite3 *h, const char *table, const char *column)
{
	return exists(h,
	    "SELECT 1 FROM pragma_table_info(?) WHERE name = ? COLLATE NOCASE",
	    table, column);
}

static bool
has_index(sqlite3 *h, const char *name)
{
	return exists(h,
	    "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?",
	    name, NULL);
}

/* A column that our table had from the first day, and others have not. */
static const char *
own_column(const struct table *t)
{
	const struct column *c = t->column;

	if (t->kind != TABLE_SYSTEM)
		return "event_at";
	if (table_column(t, "event_type") != NULL)
		return "event_type"; /* the replaced system had a ledger, too */
	while (!c->must)
		c++;
	return c->name;
}

/* Is there a table or a view with the name of ours, but not made by us? */
static bool
is_foreign(sqlite3 *h, const struct table *t)
{
	return has_table(h, t->name) && !has_column(h, t->name, own_column(t));
}

/* Did the replaced system have a table of that name? */
static bool
is_replaced(const char *name)
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
add_common(sqlite3 *h, const struct table *t, struct buf *to, struct buf *from)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		const struct column *c = &t->column[i];

		if (!has_column(h, t->name, c->name))
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

/*
 * Makes the replaced system's table anew.  Its key may have been wider than
 * ours: of rows that now share one, the last updated stays.
 */
static int
adopt_table(sqlite3 *h, const struct table *t)
{
	struct buf sql = {0}, alter = {0}, to = {0}, from = {0};
	int code;

	add_common(h, t, &to, &from);
	code = add_theirs(h, t, &alter, &to, &from);
	ddl_table(&sql, t, "wos_new", DIALECT_SQLITE);
	buf_add(&sql, alter.p, alter.len);
	buf_printf(&sql, "INSERT OR REPLACE INTO wos_new (%s) ", buf_str(&to));
	buf_printf(&sql, "SELECT %s FROM \"%s\" ORDER BY %s rowid;",
	    buf_str(&from), t->name,
	    has_column(h, t->name, "updated_at") ? "\"updated_at\"," : "");
	buf_printf(&sql,
	    "DROP TABLE \"%s\"; ALTER TABLE wos_new RENAME TO \"%s\";", t->name,
	    t->name);
	if (code == SQLITE_OK)
		code = sqlite_exec(h, buf_str(&sql));
	buf_free(&sql);
	buf_free(&alter);
	buf_free(&to);
	buf_free(&from);
	return code;
}

/* The old ledger had no types, and it alone said how far it had come. */
static int
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

static int
add_columns(sqlite3 *h, const struct table *t)
{
	struct buf sql = {0};
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < t->ncolumns; i++) {
		if (has_column(h, t->name, t->column[i].name))
			continue;
		buf_clear(&sql);
		buf_printf(&sql, "ALTER TABLE \"%s\" ADD COLUMN ", t->name);
		ddl_column(&sql, &t->column[i], DIALECT_SQLITE);
		code = sqlite_exec(h, buf_str(&sql));
	}
	buf_free(&sql);
	return code;
}

/* Makes the table, or brings it up to date. */
static int
follow_table(sqlite3 *h, const struct table *t)
{
	struct buf sql = {0};
	int code = SQLITE_OK;

	if (is_foreign(h, t) && is_replaced(t->name))
		code = adopt_table(h, t);
	else if (has_table(h, t->name))
		code = add_columns(h, t);
	else
		ddl_table(&sql, t, t->name, DIALECT_SQLITE);
	for (size_t i = 0; i < t->nindexes; i++)
		ddl_index(&sql, t, i);
	if (code == SQLITE_OK)
		code = sqlite_exec(h, buf_str(&sql));
	buf_free(&sql);
	return code;
}

static bool
is_up_to_date(sqlite3 *h, const struct table *t)
{
	struct buf name = {0};
	bool same = true;

	for (size_t i = 0; same && i < t->ncolumns; i++)
		same = has_column(h, t->name, t->column[i].name);
	for (size_t i = 0; same && i < t->nindexes; i++) {
		buf_clear(&name);
		ddl_index_name(&name, t, i);
		same = has_index(h, buf_str(&name));
	}
	buf_free(&name);
	return same;
}

static int
follow_catalogue(sqlite3 *h)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	bool adopted = is_foreign(h, catalogue_table("events_cursor"));
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < n; i++)
		code = follow_table(h, &t[i]);
	if (code == SQLITE_OK && adopted)
		code = adopt_ledger(h);
	return code;
}

/*
 * A table that only has a name of ours is somebody else's and not to be
 * touched, but for those of the replaced system beside its ledger.
 */
static const char *
find_strange_table(sqlite3 *h)
{
	bool old = is_foreign(h, catalogue_table("events_cursor"));
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		if (is_foreign(h, t) && !(old && is_replaced(t->name)))
			return t->name;
	return NULL;
}

bool
sqlite_schema_is_current(sqlite3 *h)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	bool same = true;

	for (size_t i = 0; same && i < n; i++)
		same = is_up_to_date(h, &t[i]);
	return same;
}

int
sqlite_schema(sqlite3 *h, char why[DB_WHY_SIZE])
{
	const char *strange;
	int code;

	if (sqlite_schema_is_current(h))
		return SQLITE_OK;
	if ((strange = find_strange_table(h)) != NULL) {
		snprintf(why, DB_WHY_SIZE,
		    "there is a table \"%s\" that wos did not make", strange);
		return SQLITE_ERROR;
	}
	/* Views of the old tables' owner must not stop the renaming. */
	sqlite_exec(h, "PRAGMA legacy_alter_table = ON");
	code = sqlite_exec(h, "BEGIN IMMEDIATE");
	if (code == SQLITE_OK)
		code = follow_catalogue(h);
	if (code == SQLITE_OK)
		code = sqlite_exec(h, "COMMIT");
	if (code != SQLITE_OK)
		snprintf(why, DB_WHY_SIZE, "schema: %s", sqlite3_errmsg(h));
	if (code != SQLITE_OK && !sqlite3_get_autocommit(h))
		sqlite_exec(h, "ROLLBACK");
	sqlite_exec(h, "PRAGMA legacy_alter_table = OFF");
	return code;
}
