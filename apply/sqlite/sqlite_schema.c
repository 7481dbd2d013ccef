/* SPDX-License-Identifier: MIT */
/*
 * The schema follows the catalogue.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "cascade.h"
#include "catalogue.h"
#include "ddl.h"
#include "sqlite.h"

/*
 * Looks at a database.  What can't be known counts as absent for the moment,
 * and nothing may be done about it: whoever has looked asks `code` first.
 */
struct look {
	sqlite3 *h;
	int code;     /* of the first question that failed, or SQLITE_OK */
	bool partial; /* are indexes left out? */
};

/*
 * Is there while a first load is not at its end: there are no indexes, and what
 * descends from parents that have ended may still be there.
 */
#define FIRST_LOAD "wos_first_load"

/*
 * Begins to look, in a transaction.  has_column asks SQLite's memory of the
 * schema, which is compared with the file only by a statement that reads.
 */
static int
begin(sqlite3 *h, const char *how)
{
	int code = sqlite_exec(h, how);

	return code == SQLITE_OK
		   ? sqlite_exec(h, "SELECT 1 FROM sqlite_master LIMIT 1")
		   : code;
}

/* Does the query, for this name if it is not NULL, return a row? */
static bool
exists(struct look *l, const char *sql, const char *name)
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

/*
 * Names have no case in SQLite, and a view keeps a table from being made under
 * its own.
 */
static bool
has_table(struct look *l, const char *name)
{
	return exists(l,
	    "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') "
	    "AND name = ? COLLATE NOCASE",
	    name);
}

/* Has something else than an index of this table the name? */
static bool
is_taken(struct look *l, const struct table *t, const char *name)
{
	struct buf sql = {0};
	bool taken;

	buf_printf(&sql,
	    "SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE AND NOT "
	    "(type = 'index' AND tbl_name = '%s' COLLATE NOCASE)",
	    t->name);
	taken = exists(l, buf_str(&sql), name);
	buf_free(&sql);
	return taken;
}

/*
 * Has the table the column; or, if that is NULL, is there such a table?  Not if
 * it is a view.
 */
static bool
has_column(struct look *l, const char *table, const char *column)
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

/* Is there a table or a view with the name of ours, but not made by us? */
static bool
is_foreign(struct look *l, const struct table *t)
{
	return has_table(l, t->name) &&
	       !has_column(l, t->name, table_own_column(t));
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
add_common(
    struct look *l, const struct table *t, struct buf *to, struct buf *from)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		const struct column *c = &t->column[i];

		if (!has_column(l, t->name, c->name))
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
	    has_column(l, t->name, "updated_at") ? "\"updated_at\"," : "");
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
add_columns(struct look *l, const struct table *t)
{
	struct buf sql = {0};
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < t->ncolumns; i++) {
		if (has_column(l, t->name, t->column[i].name))
			continue;
		if ((code = l->code) != SQLITE_OK)
			break;
		buf_clear(&sql);
		buf_printf(&sql, "ALTER TABLE \"%s\" ADD COLUMN ", t->name);
		ddl_column(&sql, &t->column[i], DIALECT_SQLITE);
		code = sqlite_exec(l->h, buf_str(&sql));
	}
	buf_free(&sql);
	return code;
}

/*
 * Makes an index.  SQLite has one name for one thing, so where something of the
 * owner's has it, the index gets another.
 */
static void
add_index(struct look *l, struct buf *sql, const struct table *t, size_t i)
{
	struct buf name = {0}, other = {0};

	ddl_index_name(&name, t, i, DIALECT_SQLITE);
	buf_printf(&other, "%s%s", DDL_OTHER_NAME, buf_str(&name));
	ddl_index(sql, t, i,
	    is_taken(l, t, buf_str(&name)) ? buf_str(&other) : buf_str(&name),
	    DIALECT_SQLITE);
	buf_free(&name);
	buf_free(&other);
}

/* Makes the table, or brings it up to date. */
static int
follow_table(struct look *l, const struct table *t)
{
	struct buf sql = {0};
	int code = SQLITE_OK;

	if (is_replaced(t->name) && is_foreign(l, t))
		code = adopt_table(l, t);
	else if (has_table(l, t->name))
		code = add_columns(l, t);
	else
		ddl_table(&sql, t, t->name, DIALECT_SQLITE);
	for (size_t i = 0; code == SQLITE_OK && !l->partial && i < t->nindexes;
	     i++)
		add_index(l, &sql, t, i);
	if (code == SQLITE_OK)
		code = l->code;
	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, buf_str(&sql));
	buf_free(&sql);
	return code;
}

static bool
has_columns(struct look *l, const struct table *t)
{
	bool all = true;

	for (size_t i = 0; all && i < t->ncolumns; i++)
		all = has_column(l, t->name, t->column[i].name);
	return all;
}

/* The pairs of a table and a name that its index may have. */
static void
add_index_names(
    struct buf *sql, const struct table *t, size_t i, const char *sep)
{
	buf_printf(sql, "%s('%s','", sep, t->name);
	ddl_index_name(sql, t, i, DIALECT_SQLITE);
	buf_printf(sql, "'),('%s','%s", t->name, DDL_OTHER_NAME);
	ddl_index_name(sql, t, i, DIALECT_SQLITE);
	buf_puts(sql, "')");
}

/* All of the catalogue's: one question is quicker than one for each. */
static bool
has_indexes(struct look *l)
{
	struct buf sql = {0};
	const char *sep = "";
	size_t ntables, n = 0;
	const struct table *t = catalogue_tables(&ntables);
	bool all;

	buf_puts(&sql, "SELECT 1 WHERE (SELECT COUNT(DISTINCT CASE "
		       "WHEN name LIKE '" DDL_OTHER_NAME "%' THEN "
		       "substr(name, length('" DDL_OTHER_NAME "') + 1) "
		       "ELSE name END) FROM sqlite_master WHERE type = 'index' "
		       "AND (lower(tbl_name), name) IN (VALUES ");
	for (; ntables > 0; ntables--, t++)
		for (size_t i = 0; i < t->nindexes; i++, n++) {
			add_index_names(&sql, t, i, sep);
			sep = ",";
		}
	buf_printf(&sql, ")) = %zu", n);
	all = exists(l, buf_str(&sql), NULL);
	buf_free(&sql);
	return all;
}

/*
 * Takes along what descends from all that is gone; the indexes are there.  A
 * first load has put it off; a version before this one took less along.
 */
static int
settle_all(sqlite3 *h)
{
	struct buf sql = {0};
	int code;

	cascade_settle(&sql, true);
	buf_puts(&sql, "DROP TABLE IF EXISTS \"" FIRST_LOAD "\"");
	code = sqlite_exec(h, buf_str(&sql));
	buf_free(&sql);
	return code;
}

static int
follow_catalogue(struct look *l)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	bool adopted = is_foreign(l, catalogue_table("events_cursor"));
	bool loading = has_table(l, FIRST_LOAD);
	bool older = !has_table(l, "orphan");
	int code;

	l->partial = !has_table(l, "events_cursor");
	code = l->code;
	for (size_t i = 0; code == SQLITE_OK && i < n; i++)
		code = follow_table(l, &t[i]);
	if (code == SQLITE_OK && adopted)
		code = adopt_ledger(l->h);
	if (code == SQLITE_OK && (loading || older) && !l->partial)
		code = settle_all(l->h);
	if (code == SQLITE_OK && !loading && l->partial)
		code = sqlite_exec(
		    l->h, "CREATE TABLE \"" FIRST_LOAD "\" (\"unused\")");
	return code;
}

/*
 * A table that only has a name of ours is somebody else's and not to be
 * touched, but for those of the replaced system beside its ledger.
 */
static const char *
find_strange_table(struct look *l)
{
	bool old = is_foreign(l, catalogue_table("events_cursor"));
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		if (is_foreign(l, t) && !(old && is_replaced(t->name) &&
					    has_column(l, t->name, NULL)))
			return t->name;
	return NULL;
}

int
sqlite_schema_is_current(sqlite3 *h, bool *current)
{
	struct look l = {.h = h};
	size_t n;
	const struct table *t = catalogue_tables(&n);

	l.code = begin(h, "BEGIN");
	*current = has_indexes(&l) && !has_table(&l, FIRST_LOAD);
	for (size_t i = 0; l.code == SQLITE_OK && *current && i < n; i++)
		*current = has_columns(&l, &t[i]);
	/* After a failure the caller asks for the reason first. */
	if (l.code == SQLITE_OK)
		l.code = sqlite_exec(h, "COMMIT");
	return l.code;
}

int
sqlite_schema_is_partial(sqlite3 *h, bool *partial)
{
	struct look l = {.h = h};

	*partial = has_table(&l, FIRST_LOAD);
	return l.code;
}

/* In one transaction. */
static int
follow(struct look *l)
{
	int code = begin(l->h, "BEGIN IMMEDIATE");

	/* Views of the old tables' owner must not stop the renaming. */
	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, "PRAGMA legacy_alter_table = ON");
	if (code == SQLITE_OK)
		code = follow_catalogue(l);
	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, "COMMIT");
	return code;
}

int
sqlite_schema(sqlite3 *h, bool *partial, char why[DB_WHY_SIZE])
{
	struct look l = {.h = h};
	const char *strange = NULL;
	bool current;
	int code = sqlite_schema_is_current(h, &current);

	*partial = false;
	if (code == SQLITE_OK && current)
		return SQLITE_OK;
	if (code == SQLITE_OK) {
		strange = find_strange_table(&l);
		code = l.code;
	}
	if (code == SQLITE_OK && strange != NULL) {
		snprintf(why, DB_WHY_SIZE,
		    "there is a table \"%s\" that wos did not make", strange);
		return SQLITE_ERROR;
	}
	if (code == SQLITE_OK)
		code = follow(&l);
	*partial = l.partial;
	if (code != SQLITE_OK)
		snprintf(why, DB_WHY_SIZE, "schema: %s", sqlite3_errmsg(h));
	if (code != SQLITE_OK && !sqlite3_get_autocommit(h))
		sqlite_exec(h, "ROLLBACK");
	sqlite_exec(h, "PRAGMA legacy_alter_table = OFF");
	return code;
}
