/* SPDX-License-Identifier: MIT */
/*
 * The schema follows the catalogue.
 */
#include <stdio.h>
#include <string.h>

#include "adopt.h"
#include "buf.h"
#include "cascade.h"
#include "catalogue.h"
#include "ddl.h"
#include "sqlite_adopt.h"
#include "sqlite_look.h"
#include "sqlite_schema.h"
#include "sqlite_views.h"

/*
 * Measured with test/bench/generate's 200,000 events, which become 190 MB, in
 * batches of 1,000: SQLite's own cache of 2 MiB cost 2.8 s in the kernel, 8 MiB
 * and more 1.5 s; after another 1,800,000 events the same number cost 6.3 s
 * there with 8 MiB, and 4.4 s with 32 MiB.  Pages are of SQLite's 4 KiB:
 * 2,000,000 events took 30 to 33 s with these, as with 2, 8 and 16 KiB.
 */
#define CACHE_KIB "32768"

/* While indexes may be made: to sort, SQLite takes as much again. */
#define CACHE_SORTING_KIB "8192"

/*
 * Is there while a first load is not at its end: there are no indexes, and what
 * descends from parents that have ended may still be there.
 */
#define FIRST_LOAD "wos_first_load"

/*
 * Begins to look, in a transaction.  look_has_column asks SQLite's memory of
 * the schema, which is compared with the file only by a statement that reads.
 */
static int
begin(sqlite3 *h, const char *how)
{
	int code = sqlite_exec(h, how);

	return code == SQLITE_OK
		   ? sqlite_exec(h, "SELECT 1 FROM sqlite_master LIMIT 1")
		   : code;
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
	taken = look_exists(l, buf_str(&sql), name);
	buf_free(&sql);
	return taken;
}

static int
add_columns(struct look *l, const struct table *t)
{
	struct buf sql = {0};
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < t->ncolumns; i++) {
		if (look_has_column(l, t->name, t->column[i].name))
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

/* Makes the table, or brings it up to date; its indexes only if they are due.
 */
static int
follow_table(struct look *l, const struct table *t, bool indexes)
{
	struct buf sql = {0};
	int code = SQLITE_OK;

	if (adopt_is_replaced(t->name) && look_is_foreign(l, t))
		code = sqlite_adopt_table(l->h, t);
	else if (look_has_table(l, t->name))
		code = add_columns(l, t);
	else
		ddl_table(&sql, t, t->name, DIALECT_SQLITE);
	for (size_t i = 0; code == SQLITE_OK && indexes && i < t->nindexes; i++)
		add_index(l, &sql, t, i);
	if (code == SQLITE_OK)
		code = l->code;
	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, buf_str(&sql));
	buf_free(&sql);
	return code;
}

static int
add_index_line(void *list, int n, char **value, char **name)
{
	(void)n, (void)name;
	buf_printf(list, "%s %s\n", value[0], value[1]);
	return 0;
}

/* Is there a line of the table and the index, by a name that begins so? */
static bool
has_line(
    const struct buf *list, const struct table *t, size_t i, const char *begin)
{
	struct buf line = {0};
	bool has;

	buf_printf(&line, "\n%s %s", t->name, begin);
	ddl_index_name(&line, t, i, DIALECT_SQLITE);
	buf_putc(&line, '\n');
	has = strstr(list->p, buf_str(&line)) != NULL;
	buf_free(&line);
	return has;
}

/*
 * All of the catalogue's: to read the names of all is quicker than a question
 * for each, and than one question with all of them.
 */
static bool
has_indexes(struct look *l)
{
	struct buf list = {0};
	size_t n;
	const struct table *t = catalogue_tables(&n);
	bool all = l->code == SQLITE_OK;

	buf_putc(&list, '\n');
	if (all)
		l->code = sqlite3_exec(l->h,
		    "SELECT lower(tbl_name), name FROM sqlite_master "
		    "WHERE type = 'index' AND sql IS NOT NULL",
		    add_index_line, &list, NULL);
	(void)buf_str(&list);
	for (all = l->code == SQLITE_OK; all && n > 0; n--, t++)
		for (size_t i = 0; all && i < t->nindexes; i++)
			all = has_line(&list, t, i, "") ||
			      has_line(&list, t, i, DDL_OTHER_NAME);
	buf_free(&list);
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

	/* Nothing is sorted: pages that change here and there fit better. */
	buf_puts(&sql, "PRAGMA cache_size = -" CACHE_KIB ";");
	cascade_settle(&sql, true);
	buf_puts(&sql, "DROP TABLE IF EXISTS \"" FIRST_LOAD "\"");
	code = sqlite_exec(h, buf_str(&sql));
	buf_free(&sql);
	return code;
}

static int
follow_catalogue(struct look *l, bool *partial)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	bool adopted = look_is_foreign(l, catalogue_table("events_cursor"));
	bool loading = look_has_table(l, FIRST_LOAD);
	bool older = !look_has_table(l, "orphan");
	int code;

	*partial = !look_has_table(l, "events_cursor");
	code = l->code;
	/* Children first: the old tables may have foreign keys. */
	for (size_t i = n; code == SQLITE_OK && i > 0; i--)
		code = follow_table(l, &t[i - 1], !*partial);
	if (code == SQLITE_OK && adopted)
		code = sqlite_adopt_ledger(l->h);
	if (code == SQLITE_OK && (loading || older) && !*partial)
		code = settle_all(l->h);
	if (code == SQLITE_OK && !loading && *partial)
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
	bool old = look_is_foreign(l, catalogue_table("events_cursor"));
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		if (look_is_foreign(l, t) &&
		    !(old && adopt_is_replaced(t->name) &&
			look_has_column(l, t->name, NULL)))
			return t->name;
	return NULL;
}

/* Has it all that is written to, and if so, all that is for readers? */
static int
is_current(sqlite3 *h, bool *current, bool *views)
{
	struct look l = {.h = h};
	size_t n;
	const struct table *t = catalogue_tables(&n);

	l.code = begin(h, "BEGIN");
	*current = has_indexes(&l) && !look_has_table(&l, FIRST_LOAD);
	for (size_t i = 0; l.code == SQLITE_OK && *current && i < n; i++)
		*current = look_has_columns(&l, &t[i]);
	*views = *current && sqlite_views_are_current(&l);
	/* After a failure the caller asks for the reason first. */
	if (l.code == SQLITE_OK)
		l.code = sqlite_exec(h, "COMMIT");
	return l.code;
}

int
sqlite_schema_is_current(sqlite3 *h, bool *current)
{
	bool views;

	return is_current(h, current, &views);
}

int
sqlite_schema_is_partial(sqlite3 *h, bool *partial)
{
	struct look l = {.h = h};

	*partial = look_has_table(&l, FIRST_LOAD);
	return l.code;
}

/* In one transaction. */
static int
follow(struct look *l, bool *partial)
{
	int code = begin(l->h, "BEGIN IMMEDIATE");

	/* Views of the old tables' owner must not stop the renaming. */
	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, "PRAGMA legacy_alter_table = ON");
	if (code == SQLITE_OK)
		code = follow_catalogue(l, partial);
	if (code == SQLITE_OK)
		code = sqlite_views(l);
	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, "COMMIT");
	return code;
}

static int
bring_up(sqlite3 *h, bool *partial, char why[DB_WHY_SIZE])
{
	struct look l = {.h = h};
	const char *strange = NULL;
	bool current, views;
	int code = is_current(h, &current, &views);

	*partial = false;
	if (code == SQLITE_OK && current && views)
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
		code = follow(&l, partial);
	if (code != SQLITE_OK)
		snprintf(why, DB_WHY_SIZE, "schema: %s", sqlite3_errmsg(h));
	if (code != SQLITE_OK && !sqlite3_get_autocommit(h))
		sqlite_exec(h, "ROLLBACK");
	sqlite_exec(h, "PRAGMA legacy_alter_table = OFF");
	return code;
}

int
sqlite_schema(sqlite3 *h, bool *partial, char why[DB_WHY_SIZE])
{
	int code = sqlite_exec(h, "PRAGMA cache_size = -" CACHE_SORTING_KIB);

	if (code == SQLITE_OK)
		code = bring_up(h, partial, why);
	else
		snprintf(why, DB_WHY_SIZE, "%s", sqlite3_errmsg(h));
	sqlite_exec(h, "PRAGMA cache_size = -" CACHE_KIB);
	return code;
}
