/* SPDX-License-Identifier: MIT */
/*
 * The schema follows the catalogue.
 */
#include <stdio.h>
#include <string.h>

#include "adopt.h"
#include "buf.h"
#include "cascade.h"
#include "d1_schema.h"
#include "ddl.h"
#include "present.h"
#include "view.h"
#include "views.h"

/* Another program may be at it, or the answer be lost: so often in all. */
#define ATTEMPTS 5

#define LEDGER "events_cursor"

/* Ours alone, for the time of a transaction: D1 has no temporary tables. */
#define PROBE "wos_probe"

/*
 * Tables and views, "table." for those that are none, columns, indexes; and all
 * names, since SQLite has one for one thing: with "@" and what a view says of
 * how new it is, or with "!".  A view with triggers is as new as can be: they
 * would go with it, and the API can't make them again, since it splits what it
 * gets at semicolons.  Names have no case in SQLite.  Five terms are what D1
 * takes. Those of its own are not shown to everybody.
 */
#define LOOK                                                                   \
	"WITH m AS (SELECT \"type\",\"name\",\"tbl_name\",\"sql\" FROM "       \
	"\"sqlite_master\" WHERE substr(\"name\",1,4)<>'_cf_') "               \
	"SELECT lower(\"name\"),'' FROM m WHERE \"type\" IN ('table','view') " \
	"UNION ALL SELECT lower(\"name\"),'.' FROM m WHERE \"type\"='table' "  \
	"UNION ALL SELECT lower(m.\"name\"),'.'||lower(p.\"name\") FROM m "    \
	"JOIN pragma_table_info(m.\"name\") AS p WHERE m.\"type\"='table' "    \
	"UNION ALL SELECT lower(\"tbl_name\"),'/'||lower(\"name\") FROM m "    \
	"WHERE \"type\"='index' UNION ALL SELECT lower(\"name\"),"             \
	"CASE WHEN \"type\"<>'trigger' THEN "                                  \
	"'@'||coalesce(CASE WHEN \"name\" IN (SELECT \"tbl_name\" FROM m "     \
	"WHERE \"type\"='trigger') THEN '999' ELSE '' END||" VIEWS_VERSION     \
	",'') ELSE '!' END FROM m"

/* What there is. */
struct found {
	struct present present;
	struct views views;
};

static void
add_found(void *found, const struct value *row, size_t n)
{
	struct found *f = found;
	struct value name[2] = {row[0], value_text("!")},
		     view[2] = {row[0], row[1]};

	if (row[1].len == 0 || *row[1].text != '@') {
		present_add(&f->present, row, n);
		return;
	}
	present_add(&f->present, name, n);
	view[1].text++;
	if (--view[1].len == 0)
		view[1].type = VALUE_NULL;
	views_add(&f->views, view, 2);
}

/* Runs statements, each of which ends a line, in the transaction. */
static enum db_result
run_all(struct db *db, struct buf *text)
{
	enum db_result rc = DB_OK;
	char *sql, *end;

	buf_str(text);
	for (sql = text->p; rc == DB_OK && (end = strstr(sql, ";\n")) != NULL;
	     sql = end + 2) {
		*end = '\0';
		rc = db_run(db, &(struct query){.sql = sql}, NULL, 0, NULL);
	}
	return rc;
}

static enum db_result
run_alone(struct db *db, struct buf *text)
{
	enum db_result rc = db_begin(db);

	if (rc == DB_OK)
		rc = run_all(db, text);
	return db_end(db, rc);
}

/*
 * Documents call a batch a transaction where it comes from a Worker: that it is
 * one here, too, is not believed.  The last statement fails.
 */
static enum db_result
prove(struct db *db)
{
	static const struct query left = {
	    .sql =
		"SELECT 1 FROM \"sqlite_master\" WHERE \"name\"='" PROBE "'"};
	struct buf sql = {0};
	bool half = false;
	enum db_result rc;

	buf_puts(&sql, "CREATE TABLE \"" PROBE "\" (\"a\" NOT NULL);\n"
		       "INSERT INTO \"" PROBE "\" VALUES (1);\n"
		       "INSERT INTO \"" PROBE "\" VALUES (NULL);\n");
	rc = run_alone(db, &sql);
	buf_free(&sql);
	if (rc == DB_OK || rc == DB_REFUSED) {
		half = rc == DB_OK;
		rc = DB_OK;
	}
	if (rc == DB_OK && !half)
		rc = db_any(db, &left, NULL, 0, &half);
	if (rc != DB_OK || !half)
		return rc;
	snprintf(db->why, sizeof db->why,
	    "batches are not atomic here: one that failed has left a table, %s",
	    PROBE);
	return DB_FAILED;
}

/* Is there a table or a view of that name that wos did not make? */
static bool
is_foreign(const struct present *p, const struct table *t)
{
	return present_has(p, t->name, 0, NULL) &&
	       !present_has(p, t->name, '.', table_own_column(t));
}

/* Is it one of the replaced system's, beside its ledger? */
static bool
is_replaced(const struct present *p, const struct table *t)
{
	return is_foreign(p, t) && adopt_is_replaced(t->name) &&
	       is_foreign(p, catalogue_table(LEDGER)) &&
	       present_has(p, t->name, '.', "");
}

static enum db_result
refuse_strange(struct db *db, const struct present *p)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		if (is_foreign(p, t) && !is_replaced(p, t)) {
			snprintf(db->why, sizeof db->why,
			    "there is a table \"%s\" that wos did not make",
			    t->name);
			return DB_FAILED;
		}
	return DB_OK;
}

static void
take_name(void *arg, const struct value *row, size_t n)
{
	(void)n;
	value_copy(&row[0], arg, COLUMN_NAME_SIZE);
}

/*
 * An old table is dropped, and D1 has foreign keys on: rows of the owner's that
 * refer to it would keep it from that, or go with it.
 */
static enum db_result
refuse_references(struct db *db)
{
	static const struct query q = {
	    .sql = "SELECT m.\"name\" FROM \"sqlite_master\" AS m "
		   "JOIN pragma_foreign_key_list(m.\"name\") AS f "
		   "WHERE m.\"type\"='table' AND "
		   "substr(m.\"name\",1,4)<>'_cf_' AND lower(f.\"table\") IN "
		   "('events_cursor','user','organization',"
		   "'organization_membership') AND lower(m.\"name\") NOT IN "
		   "('events_cursor','user','organization',"
		   "'organization_membership') LIMIT 1"};
	char name[COLUMN_NAME_SIZE] = "";
	enum db_result rc = db_select(db, &q, NULL, 0, take_name, name);

	if (rc != DB_OK || *name == '\0')
		return rc;
	snprintf(db->why, sizeof db->why,
	    "the table \"%s\" refers to one that has to be made anew: drop its "
	    "foreign key first",
	    name);
	return DB_FAILED;
}

static enum db_result
adopt(struct db *db, struct buf *sql, const struct table *t)
{
	static const struct query columns = {.sql = ADOPT_COLUMNS};
	struct value name = value_text(t->name);
	struct adopt old = {0};
	enum db_result rc =
	    db_select(db, &columns, &name, 1, adopt_add_column, &old);

	adopt_table(sql, t, &old);
	adopt_release(&old);
	return rc;
}

/*
 * Nothing is to be adopted that another program has adopted meanwhile: its
 * columns of ours would be left behind.
 */
static void
add_guard(struct buf *sql)
{
	buf_printf(sql,
	    "PRAGMA legacy_alter_table = ON;\n"
	    "CREATE TABLE \"" PROBE "\" (\"a\" NOT NULL);\n"
	    "INSERT INTO \"" PROBE "\" SELECT NULL WHERE EXISTS (SELECT 1 FROM "
	    "pragma_table_info('" LEDGER "') WHERE \"name\"='%s');\n"
	    "DROP TABLE \"" PROBE "\";\n",
	    table_own_column(catalogue_table(LEDGER)));
}

static void
add_columns(struct buf *sql, const struct present *p, const struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (present_has(p, t->name, '.', t->column[i].name))
			continue;
		buf_printf(sql, "ALTER TABLE \"%s\" ADD COLUMN ", t->name);
		ddl_column(sql, &t->column[i], DIALECT_SQLITE);
		buf_puts(sql, ";\n");
	}
}

/* Something of the owner's may have the name; then it gets another. */
static void
add_indexes(struct buf *sql, const struct present *p, const struct table *t)
{
	bool anew = is_replaced(p, t);
	struct buf name = {0}, other = {0};

	for (size_t i = 0; i < t->nindexes; i++) {
		buf_clear(&name);
		buf_clear(&other);
		ddl_index_name(&name, t, i, DIALECT_SQLITE);
		buf_printf(&other, "%s%s", DDL_OTHER_NAME, buf_str(&name));
		if (!anew && (present_has(p, t->name, '/', buf_str(&name)) ||
				 present_has(p, t->name, '/', buf_str(&other))))
			continue;
		ddl_index(sql, t, i,
		    present_has(p, buf_str(&name), '!', "") &&
			    !present_has(p, t->name, '/', buf_str(&name))
			? buf_str(&other)
			: buf_str(&name),
		    DIALECT_SQLITE);
	}
	buf_free(&name);
	buf_free(&other);
}

/* Adds what is wanting, children first: the old tables have foreign keys. */
static enum db_result
follow_catalogue(struct db *db, struct buf *sql, const struct present *p)
{
	bool adopted = is_foreign(p, catalogue_table(LEDGER));
	enum db_result rc = DB_OK;
	size_t n;
	const struct table *t = catalogue_tables(&n);

	if (adopted) {
		rc = refuse_references(db);
		add_guard(sql);
	}
	for (; rc == DB_OK && n > 0; n--) {
		if (is_replaced(p, &t[n - 1]))
			rc = adopt(db, sql, &t[n - 1]);
		else if (present_has(p, t[n - 1].name, 0, NULL))
			add_columns(sql, p, &t[n - 1]);
		else
			ddl_table(
			    sql, &t[n - 1], t[n - 1].name, DIALECT_SQLITE);
		add_indexes(sql, p, &t[n - 1]);
	}
	/* Made by a version that took less along when a parent went. */
	if (present_has(p, "tombstone", 0, NULL) &&
	    !present_has(p, "orphan", 0, NULL))
		cascade_settle(sql, true);
	if (adopted) {
		adopt_ledger(sql);
		buf_puts(sql, "PRAGMA legacy_alter_table = OFF;\n");
	}
	return rc;
}

/* Adds what makes the views current. */
static void
follow_views(struct buf *sql, const struct views *v)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	views_tell_taken(v);
	for (size_t i = 0; i < n; i++) {
		if (views_state(v, i) == VIEW_OLD)
			buf_printf(sql, "DROP VIEW \"%s\";\n", t[i].view);
		else if (views_state(v, i) != VIEW_MISSING)
			continue;
		view_create(sql, &t[i], DIALECT_SQLITE);
	}
}

/* Looks, and does what is wanting; *done if that was nothing. */
static enum db_result
follow(struct db *db, enum db_mode mode, bool *found, bool *done)
{
	static const struct query look = {.sql = LOOK};
	struct found f = {0};
	struct buf sql = {0};
	enum db_result rc = db_select(db, &look, NULL, 0, add_found, &f);

	present_sort(&f.present);
	*found = present_has(&f.present, LEDGER, 0, NULL) || mode == DB_WRITE;
	if (rc == DB_OK && *found)
		rc = refuse_strange(db, &f.present);
	if (rc == DB_OK && *found)
		rc = follow_catalogue(db, &sql, &f.present);
	if (rc == DB_OK && *found)
		follow_views(&sql, &f.views);
	*done = rc == DB_OK && sql.len == 0;
	if (rc == DB_OK && !*done)
		rc = prove(db);
	if (rc == DB_OK && !*done)
		rc = run_alone(db, &sql);
	*done = *done || rc == DB_OK;
	present_release(&f.present);
	views_release(&f.views);
	buf_free(&sql);
	return rc;
}

/* What only looks is content with a ledger. */
static enum db_result
find_ledger(struct db *db, bool *found)
{
	static const struct query q = {
	    .sql = "SELECT 1 FROM \"sqlite_master\" WHERE "
		   "lower(\"name\")='" LEDGER "' AND "
		   "\"type\" IN ('table','view')"};

	return db_any(db, &q, NULL, 0, found);
}

enum db_result
d1_schema(struct db *db, enum db_mode mode, bool *found)
{
	bool done = false;
	char why[DB_WHY_SIZE];
	enum db_result rc = DB_AGAIN;

	if (mode == DB_READ || mode == DB_VERIFY)
		return find_ledger(db, found);
	for (int i = 0; i < ATTEMPTS && !done; i++) {
		rc = follow(db, mode, found, &done);
		if (rc != DB_AGAIN && rc != DB_REFUSED)
			break;
	}
	if (rc != DB_OK) {
		snprintf(why, sizeof why, "schema: %.480s", db->why);
		memcpy(db->why, why, sizeof why);
	}
	return rc;
}
