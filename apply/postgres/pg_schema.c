/* SPDX-License-Identifier: MIT */
/*
 * The schema follows the catalogue.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cascade.h"
#include "catalogue.h"
#include "ddl.h"
#include "log.h"
#include "memory.h"
#include "pg_ddl.h"
#include "pg_exec.h"
#include "pg_schema.h"
#include "pg_views.h"
#include "pg_wait.h"
#include "present.h"

/*
 * How often, and after how many milliseconds, it is tried again when another
 * program was making the same tables.
 */
#define COLLISIONS_MOST 5
#define COLLISION_PAUSE_MS 200

/* What there is. */
struct found {
	struct present present;
	struct views views;
};

static void
add_found(void *found, const struct value *row, size_t n)
{
	struct found *f = found;

	if (row[1].len > 0 && *row[1].text == '@')
		pg_views_add(&f->views, row);
	else
		present_add(&f->present, row, n);
}

/*
 * All that the schema has; also "table-index" for an index as wos made them
 * once for any text, and, whatever it is, "name!" with what it is.
 */
static struct pg_answer
present_read(PGconn *conn, struct found *f)
{
	const struct pg_rows rows = {
	    .columns = 2, .most = PG_MOST_ROWS, .row = add_found, .arg = f};
	struct pg_answer a;

	*f = (struct found){0};
	a = pg_exec(conn,
	    "SELECT CAST(table_name AS TEXT), '' "
	    "FROM information_schema.tables "
	    "WHERE table_schema = current_schema() UNION ALL "
	    "SELECT CAST(table_name AS TEXT), "
	    "'.' || CAST(column_name AS TEXT) "
	    "FROM information_schema.columns "
	    "WHERE table_schema = current_schema() UNION ALL "
	    "SELECT CAST(tablename AS TEXT), "
	    "'/' || CAST(indexname AS TEXT) "
	    "FROM pg_catalog.pg_indexes WHERE schemaname = current_schema() "
	    "UNION ALL SELECT CAST(tablename AS TEXT), "
	    "'-' || CAST(indexname AS TEXT) "
	    "FROM pg_catalog.pg_indexes WHERE schemaname = current_schema() "
	    "AND indexdef LIKE 'CREATE INDEX %' "
	    "AND indexdef ~ 'USING btree [(][a-z_]+[)]$' UNION ALL "
	    "SELECT CAST(c.relname AS TEXT), '!' || CASE c.relkind "
	    "WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view' "
	    "WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' "
	    "WHEN 'c' THEN 'type' ELSE '' END FROM pg_catalog.pg_class c "
	    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
	    "WHERE n.nspname = current_schema() UNION ALL "
	    "SELECT CAST(t.typname AS TEXT), '!type' FROM pg_catalog.pg_type t "
	    "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
	    "WHERE n.nspname = current_schema() AND t.typrelid = 0 "
	    "AND t.typelem = 0 UNION ALL " PG_VIEWS_LOOK,
	    NULL, 0, &rows, PG_QUESTION_MS);
	present_sort(&f->present);
	return a;
}

/* What has the name that is neither a table nor a view; or NULL. */
static const char *
kind_of(const struct present *p, const char *name)
{
	static const char *const kinds[] = {
	    "sequence", "materialized view", "index", "type"};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (present_has(p, name, '!', kinds[i]))
			return kinds[i];
	return NULL;
}

/*
 * A table or a view that has only a name of ours is somebody else's, and not to
 * be touched.  What is neither keeps a table from being made under its name.
 * Returns what it is, with its name in *name; or NULL.
 */
static const char *
find_strange(const struct present *p, const char *table, const char *own_column)
{
	const char *kind = kind_of(p, table);

	if (kind != NULL)
		return kind;
	return present_has(p, table, 0, NULL) &&
		       !present_has(p, table, '.', own_column)
		   ? "table"
		   : NULL;
}

static const char *
find_any_strange(const struct present *p, const char **name)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	const char *kind;

	for (; n > 0; n--, t++) {
		*name = t->name;
		kind = find_strange(p, t->name, table_own_column(t));
		if (kind != NULL)
			return kind;
	}
	*name = DDL_LOCK;
	return find_strange(p, DDL_LOCK, "taken_at");
}

static void
add_column(struct buf *sql, const struct table *t)
{
	buf_printf(
	    sql, "ALTER TABLE \"%s\" ADD COLUMN IF NOT EXISTS ", t->name);
}

/* Adds what the table lacks. */
static void
follow_table(struct buf *sql, const struct present *p, const struct table *t)
{
	if (!present_has(p, t->name, 0, NULL))
		ddl_table(sql, t, t->name, DIALECT_POSTGRES);
	else
		for (size_t i = 0; i < t->ncolumns; i++)
			if (!present_has(p, t->name, '.', t->column[i].name)) {
				add_column(sql, t);
				ddl_column(
				    sql, &t->column[i], DIALECT_POSTGRES);
				buf_puts(sql, ";\n");
			}
}

/* Has anything else the name that an index of the table is to have? */
static bool
is_taken(const struct present *p, const char *name)
{
	return present_has(p, name, 0, NULL) || present_has(p, name, '!', "") ||
	       (kind_of(p, name) != NULL && !present_has(p, name, '!', "type"));
}

/*
 * Makes an index: an owner's may have its name, then by another, and if that is
 * taken, too, it is left out, with a word.
 */
static void
follow_index(
    struct buf *sql, const struct present *p, const struct table *t, size_t i)
{
	struct buf name = {0}, other = {0};

	ddl_index_name(&name, t, i, DIALECT_POSTGRES);
	buf_printf(&other, "%s%s", DDL_OTHER_NAME, buf_str(&name));
	if (present_has(p, t->name, '/', buf_str(&name)) ||
	    present_has(p, t->name, '/', buf_str(&other)))
		;
	else if (!is_taken(p, buf_str(&name)))
		ddl_index(sql, t, i, buf_str(&name), DIALECT_POSTGRES);
	else if (!is_taken(p, buf_str(&other)))
		ddl_index(sql, t, i, buf_str(&other), DIALECT_POSTGRES);
	else
		log_warnx("schema: no index on \"%s\" (\"%s\"): its name, %s, "
			  "is taken",
		    t->name, t->index[i]->name, buf_str(&name));
	buf_free(&name);
	buf_free(&other);
}

/* The indexes of texts that wos made before, and that take no long ones. */
static void
drop_short_indexes(struct buf *sql, const struct present *p)
{
	struct buf name = {0};
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		for (size_t i = 0; i < t->nindexes; i++) {
			buf_clear(&name);
			ddl_index_name(&name, t, i, DIALECT_SQLITE);
			if (ddl_index_is_long(t, i) &&
			    present_has(p, t->name, '-', buf_str(&name)))
				buf_printf(sql,
				    "DROP INDEX IF EXISTS \"%s\";\n",
				    buf_str(&name));
		}
	buf_free(&name);
}

/* The ledger's column of arrival, which no other database needs. */
static void
follow_arrival(struct buf *sql, const struct present *p)
{
	const struct table *t = catalogue_table("events_cursor");

	if (present_has(p, t->name, 0, NULL) &&
	    !present_has(p, t->name, '.', DDL_ARRIVAL)) {
		add_column(sql, t);
		ddl_arrival(sql);
		buf_puts(sql, ";\n");
	}
}

/* Makes the DDL of tables and columns that are wanting; none if none are. */
static void
follow_catalogue(struct buf *sql, const struct present *p)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	if (!present_has(p, DDL_LOCK, 0, NULL))
		ddl_lock(sql);
	for (; n > 0; n--, t++)
		follow_table(sql, p, t);
	follow_arrival(sql, p);
	/* Made by a version that took less along when a parent went. */
	if (present_has(p, "tombstone", 0, NULL) &&
	    !present_has(p, "orphan", 0, NULL))
		cascade_settle(sql, true);
}

/* And of indexes. */
static void
follow_indexes(struct buf *sql, const struct present *p)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		for (size_t i = 0; i < t->nindexes; i++)
			follow_index(sql, p, t, i);
	if (!present_has(p, "events_cursor", '/', DDL_ARRIVAL_INDEX))
		ddl_arrival_index(sql);
}

static struct pg_answer
refuse(const char *kind, const char *name)
{
	struct pg_answer a = {.rc = DB_FAILED};

	snprintf(a.why, sizeof a.why,
	    "there is a %s \"%s\" that wos did not make: give wos a "
	    "database, or a schema first in its search_path, of its own",
	    kind, name);
	return a;
}

/*
 * Runs DDL that the database can do without: what it can't have now, a later
 * run may.
 */
static struct pg_answer
update_indexes(PGconn *conn, struct buf *sql)
{
	struct pg_answer a = {.rc = DB_OK};

	if (sql->len > 0)
		a = pg_ddl(conn, buf_str(sql));
	if (!pg_ddl_is_refused(&a))
		return a;
	log_warnx("schema: indexes: %s", a.why);
	return (struct pg_answer){.rc = DB_OK};
}

/*
 * Brings up to date what is there: tables and columns, with the indexes of a
 * new database; then other indexes; and last what keeps readers waiting.
 */
static struct pg_answer
bring_up(PGconn *conn, const struct present *p)
{
	struct buf sql = {0}, indexes = {0}, drop = {0};
	struct pg_answer a = {.rc = DB_OK};

	follow_catalogue(&sql, p);
	follow_indexes(&indexes, p);
	drop_short_indexes(&drop, p);
	if (sql.len > 0) {
		buf_add(&sql, indexes.p, indexes.len);
		a = pg_ddl(conn, buf_str(&sql));
	} else if (indexes.len > 0) {
		a = update_indexes(conn, &indexes);
	}
	if (a.rc == DB_OK)
		a = update_indexes(conn, &drop);
	buf_free(&sql);
	buf_free(&indexes);
	buf_free(&drop);
	return a;
}

static void
take_place(void *arg, const struct value *row, size_t n)
{
	(void)n;
	value_copy(&row[0], arg, DB_WHY_SIZE);
}

/* Where tables are to be made: why they can't be, or that it was not tried. */
static struct pg_answer
find_place(PGconn *conn)
{
	static const struct query q = {
	    .sql =
		"SELECT CASE WHEN current_schema() IS NULL THEN "
		"'no schema that search_path (' || "
		"current_setting('search_path') || ') names is there: CREATE "
		"SCHEMA makes one' WHEN has_schema_privilege(current_schema(), "
		"'CREATE') THEN '' ELSE 'this user may not make tables in the "
		"schema ' || current_schema() || ': GRANT CREATE ON SCHEMA, or "
		"name a user who may' END"};
	char why[DB_WHY_SIZE] = "";
	struct pg_answer a = pg_ask(conn, &q, NULL, 0, take_place, why);

	if (a.rc == DB_OK) {
		a.rc = *why == '\0' ? DB_REFUSED : DB_FAILED;
		pg_say(a.why, *why == '\0' ? DB_WHY_DRY : why,
		    strlen(*why == '\0' ? DB_WHY_DRY : why));
	}
	return a;
}

/* May it be written to as it is?  It need not have all indexes. */
static struct pg_answer
check_dry(PGconn *conn, const struct present *p)
{
	struct pg_answer a = {.rc = DB_OK};
	struct buf sql = {0};

	follow_catalogue(&sql, p);
	if (sql.len > 0)
		a = find_place(conn);
	buf_free(&sql);
	return a;
}

/* Looks, and does what is wanting. */
static struct pg_answer
follow(PGconn *conn, enum db_mode mode, bool *found)
{
	struct found f;
	struct pg_answer a = present_read(conn, &f);
	const char *name, *kind = find_any_strange(&f.present, &name);
	bool write;

	*found = present_has(&f.present, "events_cursor", 0, NULL);
	write = mode == DB_WRITE || (mode == DB_CHANGE && *found);
	if (a.rc == DB_OK && write)
		a = kind != NULL ? refuse(kind, name)
				 : bring_up(conn, &f.present);
	else if (a.rc == DB_OK && mode == DB_DRY)
		a = check_dry(conn, &f.present);
	if (a.rc == DB_OK && write)
		a = pg_views(conn, &f.present, &f.views);
	present_release(&f.present);
	views_release(&f.views);
	return a;
}

/* The state of what belongs into a schema, where there is none. */
#define NO_SCHEMA "3F000"

enum db_result
pg_schema(PGconn *conn, enum db_mode mode, bool *found, char why[DB_WHY_SIZE])
{
	const struct timespec pause = {0, COLLISION_PAUSE_MS * 1000000L};
	struct pg_answer a = follow(conn, mode, found);

	for (int i = 0; i < COLLISIONS_MOST && pg_ddl_collided(&a); i++) {
		nanosleep(&pause, NULL);
		a = follow(conn, mode, found);
	}
	snprintf(why, DB_WHY_SIZE, "schema: %.380s%s", a.why,
	    strcmp(a.state, NO_SCHEMA) == 0
		? ": none that search_path names is there: CREATE SCHEMA "
		  "makes one"
		: "");
	return a.rc;
}
