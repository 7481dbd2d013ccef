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
#include "pg.h"

/*
 * How often, and after how many milliseconds, it is tried again when another
 * program was making the same tables.
 */
#define COLLISIONS_MOST 5
#define COLLISION_PAUSE_MS 200

/* What the database has: "table" and "table.column", or "table/index". */
struct present {
	char **name;
	size_t n, cap;
};

static void
present_add(void *arg, const struct value *row, size_t n)
{
	struct present *p = arg;
	struct buf name = {0};

	(void)n;
	if (p->n == p->cap) {
		p->cap = p->cap * 2 + 512;
		p->name = realloc(p->name, p->cap * sizeof *p->name);
		if (p->name == NULL)
			log_err(1, NULL);
	}
	buf_add(&name, row[0].text, row[0].len);
	buf_add(&name, row[1].text, row[1].len);
	p->name[p->n++] = (char *)buf_str(&name);
}

static void
present_release(struct present *p)
{
	while (p->n > 0)
		free(p->name[--p->n]);
	free(p->name);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Has the database a table, or with `what` its ".column" or "/index"? */
static bool
has(const struct present *p, const char *table, char mark, const char *what)
{
	char text[2 * COLUMN_NAME_SIZE + 16], *key = text;

	if (what != NULL)
		snprintf(text, sizeof text, "%s%c%s", table, mark, what);
	else
		snprintf(text, sizeof text, "%s", table);
	return p->n > 0 &&
	       bsearch(&key, p->name, p->n, sizeof *p->name, by_name) != NULL;
}

static struct pg_answer
present_read(PGconn *conn, struct present *p)
{
	struct pg_answer a;

	*p = (struct present){0};
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
	    "FROM pg_catalog.pg_indexes WHERE schemaname = current_schema()",
	    NULL, 0, present_add, p);
	if (p->n > 0)
		qsort(p->name, p->n, sizeof *p->name, by_name);
	return a;
}

/*
 * A table or a view that has only a name of ours is somebody else's, and not to
 * be touched.
 */
static const char *
find_strange_table(const struct present *p)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		if (has(p, t->name, 0, NULL) &&
		    !has(p, t->name, '.', table_own_column(t)))
			return t->name;
	if (has(p, DDL_LOCK, 0, NULL) && !has(p, DDL_LOCK, '.', "taken_at"))
		return DDL_LOCK;
	return NULL;
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
	struct buf index = {0};

	if (!has(p, t->name, 0, NULL))
		ddl_table(sql, t, t->name, DIALECT_POSTGRES);
	else
		for (size_t i = 0; i < t->ncolumns; i++)
			if (!has(p, t->name, '.', t->column[i].name)) {
				add_column(sql, t);
				ddl_column(
				    sql, &t->column[i], DIALECT_POSTGRES);
				buf_puts(sql, ";\n");
			}
	for (size_t i = 0; i < t->nindexes; i++) {
		buf_clear(&index);
		ddl_index_name(&index, t, i);
		if (!has(p, t->name, '/', buf_str(&index)))
			ddl_index(sql, t, i);
	}
	buf_free(&index);
}

/* The ledger's column of arrival, which no other database needs. */
static void
follow_arrival(struct buf *sql, const struct present *p)
{
	const struct table *t = catalogue_table("events_cursor");

	if (has(p, t->name, 0, NULL) && !has(p, t->name, '.', DDL_ARRIVAL)) {
		add_column(sql, t);
		ddl_arrival(sql);
		buf_puts(sql, ";\n");
	}
	if (!has(p, t->name, '/', DDL_ARRIVAL_INDEX))
		ddl_arrival_index(sql);
}

/* Makes the DDL that is wanting; none if the schema is up to date. */
static void
follow_catalogue(struct buf *sql, const struct present *p)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	if (!has(p, DDL_LOCK, 0, NULL))
		ddl_lock(sql);
	for (; n > 0; n--, t++)
		follow_table(sql, p, t);
	follow_arrival(sql, p);
	/* Made by a version that took less along when a parent went. */
	if (has(p, "tombstone", 0, NULL) && !has(p, "orphan", 0, NULL))
		cascade_settle(sql, true);
}

static struct pg_answer
refuse(const char *table)
{
	struct pg_answer a = {.rc = DB_FAILED};

	snprintf(a.why, sizeof a.why,
	    "there is a table \"%s\" that wos did not make: give wos a "
	    "database, or a schema first in its search_path, of its own",
	    table);
	return a;
}

/*
 * In one transaction.  It waits for nobody who keeps a table for long, and
 * takes no lock of ours: some servers change no schema after a row.
 */
static struct pg_answer
update(PGconn *conn, const char *ddl)
{
	struct buf sql = {0};
	struct pg_answer a;

	buf_printf(&sql, "%s; %s; %s COMMIT", PG_BEGIN, pg_lock_timeout(), ddl);
	a = pg_exec(conn, buf_str(&sql), NULL, 0, NULL, NULL);
	if (a.rc != DB_OK)
		pg_exec(conn, "ROLLBACK", NULL, 0, NULL, NULL);
	buf_free(&sql);
	return a;
}

/*
 * Did it fail because another program was making the same?  IF NOT EXISTS
 * does not look at what is not committed yet.
 */
static bool
is_collision(const struct pg_answer *a)
{
	static const char *const states[] = {
	    "23505", "42P07", "42701", "42710", "40001", "40P01", "XX000"};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(a->state, states[i]) == 0)
			return true;
	return false;
}

/* Looks, and does what is wanting. */
static struct pg_answer
follow(PGconn *conn, enum db_mode mode, bool *found)
{
	struct present p;
	struct buf sql = {0};
	struct pg_answer a = present_read(conn, &p);
	const char *strange = find_strange_table(&p);
	bool write;

	*found = has(&p, "events_cursor", 0, NULL);
	write = mode == DB_WRITE || (mode == DB_CHANGE && *found);
	follow_catalogue(&sql, &p);
	if (a.rc == DB_OK && write && strange != NULL)
		a = refuse(strange);
	else if (a.rc == DB_OK && write && sql.len > 0)
		a = update(conn, buf_str(&sql));
	else if (a.rc == DB_OK && mode == DB_DRY && sql.len > 0) {
		a.rc = DB_REFUSED;
		snprintf(a.why, sizeof a.why, "%s", DB_WHY_DRY);
	}
	present_release(&p);
	buf_free(&sql);
	return a;
}

enum db_result
pg_schema(PGconn *conn, enum db_mode mode, bool *found, char why[DB_WHY_SIZE])
{
	const struct timespec pause = {0, COLLISION_PAUSE_MS * 1000000L};
	struct pg_answer a = follow(conn, mode, found);

	for (int i = 0; i < COLLISIONS_MOST && is_collision(&a); i++) {
		nanosleep(&pause, NULL);
		a = follow(conn, mode, found);
	}
	snprintf(why, DB_WHY_SIZE, "schema: %.480s", a.why);
	return a.rc;
}
