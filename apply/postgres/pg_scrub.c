/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "buf.h"
#include "catalogue.h"
#include "clock.h"
#include "log.h"
#include "pg_ddl.h"
#include "pg_exec.h"
#include "pg_scrub.h"
#include "pg_wait.h"

/* Where the planner keeps some values of each column. */
#define STATISTICS "\"pg_catalog\".\"pg_statistic\""

static void
take_number(void *arg, const struct value *row, size_t n)
{
	(void)n;
	*(int64_t *)arg = row[0].i;
}

/* The file that a table is in: another one once it has been made anew. */
static struct pg_answer
look_up(PGconn *conn, const char *table, int64_t *node)
{
	const struct pg_rows rows = {
	    .columns = 1, .most = 1, .row = take_number, .arg = node};
	struct value name = value_text(table);

	*node = 0;
	return pg_exec(conn,
	    "SELECT CAST(pg_relation_filenode(CAST($1 AS regclass)) AS BIGINT)",
	    &name, 1, &rows, PG_QUESTION_MS);
}

/* Who does not own a table is only warned by the server, and passed over. */
static struct pg_answer
make_anew(PGconn *conn, const char *table)
{
	int64_t before, after = 0;
	struct buf sql = {0};
	struct pg_answer a = look_up(conn, table, &before);

	buf_printf(&sql, "VACUUM (FULL, ANALYZE) %s", table);
	if (a.rc == DB_OK)
		a = pg_exec(conn, buf_str(&sql), NULL, 0, NULL, PG_SCHEMA_MS);
	if (a.rc == DB_OK)
		a = look_up(conn, table, &after);
	if (a.rc == DB_OK && before == after) {
		a.rc = DB_FAILED;
		snprintf(a.why, sizeof a.why,
		    "%s: only its owner can have it made anew: VACUUM FULL",
		    table);
	}
	buf_free(&sql);
	return a;
}

/* What the planner knows of an empty table, and who would see it get a row. */
struct stale {
	int64_t columns, triggers;
};

static void
take_stale(void *arg, const struct value *row, size_t n)
{
	(void)n;
	*(struct stale *)arg = (struct stale){row[0].i, row[1].i};
}

static struct pg_answer
look_for_stale(PGconn *conn, const char *table, struct stale *stale)
{
	const struct pg_rows rows = {
	    .columns = 2, .most = 1, .row = take_stale, .arg = stale};
	struct value name = value_text(table);
	struct buf sql = {0};
	struct pg_answer a;

	*stale = (struct stale){0};
	buf_printf(&sql,
	    "SELECT CAST(count(*) AS BIGINT),(SELECT CAST(count(*) AS BIGINT) "
	    "FROM \"pg_catalog\".\"pg_trigger\" WHERE NOT tgisinternal AND "
	    "tgrelid=CAST($1 AS regclass)) FROM \"pg_catalog\".\"pg_stats\" "
	    "AS s, \"pg_catalog\".\"pg_class\" AS c WHERE "
	    "c.oid=CAST($1 AS regclass) AND s.tablename=c.relname AND "
	    "s.schemaname=(SELECT n.nspname FROM "
	    "\"pg_catalog\".\"pg_namespace\" AS n WHERE "
	    "n.oid=c.relnamespace) AND NOT EXISTS (SELECT 1 FROM %s)",
	    table);
	a = pg_exec(conn, buf_str(&sql), &name, 1, &rows, PG_QUESTION_MS);
	buf_free(&sql);
	return a;
}

/* A row without anything in it, for the time of a transaction. */
static void
add_blank(struct buf *sql, const struct table *t)
{
	struct buf values = {0};
	const char *comma = "";

	buf_printf(sql, "INSERT INTO \"%s\" (", t->name);
	for (size_t i = 0; i < t->ncolumns; i++) {
		const struct column *c = &t->column[i];

		if (!c->key && !c->must)
			continue;
		buf_printf(sql, "%s\"%s\"", comma, c->name);
		buf_printf(
		    &values, "%s%s", comma, c->type == TYPE_TEXT ? "''" : "0");
		comma = ",";
	}
	buf_printf(sql, ") VALUES (%s)", buf_str(&values));
	buf_free(&values);
}

/*
 * The server keeps what it knew of a table's rows until there are some again.
 * Nobody sees the one that it gets for that, but a trigger would.
 */
static struct pg_answer
refresh(PGconn *conn, const char *name, const char *quoted)
{
	struct stale stale;
	struct buf ddl = {0};
	struct pg_answer a = look_for_stale(conn, quoted, &stale);

	if (a.rc != DB_OK || stale.columns == 0)
		return a;
	if (stale.triggers > 0) {
		a.rc = DB_FAILED;
		snprintf(a.why, sizeof a.why,
		    "%s: it is empty, and has triggers: run ANALYZE once it "
		    "has rows",
		    quoted);
		return a;
	}
	add_blank(&ddl, catalogue_table(name));
	buf_printf(&ddl, "; ANALYZE %s; DELETE FROM %s;", quoted, quoted);
	a = pg_ddl(conn, buf_str(&ddl));
	buf_free(&ddl);
	return a;
}

/*
 * Others' transactions, which any role may see: in this database, or of a
 * process that has none yet; and those that write, wherever, since a snapshot
 * takes them for running: that of VACUUM FULL itself, too.
 */
#define OTHERS                                                                 \
	"FROM \"pg_catalog\".\"pg_locks\" AS l LEFT JOIN "                     \
	"\"pg_catalog\".\"pg_stat_activity\" AS a ON a.pid=l.pid WHERE "       \
	"l.mode='ExclusiveLock' AND l.granted AND "                            \
	"l.pid IS DISTINCT FROM pg_backend_pid() AND "                         \
	"(l.locktype='transactionid' OR (l.locktype='virtualxid' AND "         \
	"COALESCE(a.datname,current_database())=current_database()))"

/* Between two looks whether they have ended, in milliseconds. */
#define LOOK_MS 50

static void
take_names(void *arg, const struct value *row, size_t n)
{
	(void)n;
	buf_add(arg, row[0].text, row[0].len);
}

/*
 * A table that is made anew keeps the rows that are gone as long as a
 * transaction of before may still ask for them, whatever it has asked so far.
 */
static struct pg_answer
wait_for_others(PGconn *conn)
{
	const int64_t until = time_ticks() + db_busy_ms;
	struct buf names = {0};
	int64_t left = 0;
	const struct pg_rows all = {
	    .columns = 1, .most = 1, .row = take_names, .arg = &names};
	const struct pg_rows count = {
	    .columns = 1, .most = 1, .row = take_number, .arg = &left};
	struct pg_answer a = pg_exec(conn,
	    "SELECT COALESCE(string_agg(l.virtualtransaction,','),'') " OTHERS,
	    NULL, 0, &all, PG_QUESTION_MS);
	struct value value = value_bytes(buf_str(&names), names.len);

	while (a.rc == DB_OK) {
		a = pg_exec(conn,
		    "SELECT CAST(count(*) AS BIGINT) " OTHERS
		    " AND l.virtualtransaction=ANY(string_to_array($1,','))",
		    &value, 1, &count, PG_QUESTION_MS);
		if (a.rc != DB_OK || left == 0)
			break;
		if (time_ticks() >= until) {
			a.rc = DB_BUSY;
			snprintf(a.why, sizeof a.why,
			    "another transaction began before, and goes on");
		}
		nanosleep(
		    &(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
	}
	buf_free(&names);
	return a;
}

/* Whose snapshot was taken while the first were waited for has theirs in it. */
static struct pg_answer
wait_for_snapshots(PGconn *conn)
{
	struct pg_answer a = wait_for_others(conn);

	return a.rc == DB_OK ? wait_for_others(conn) : a;
}

static void
warn(struct pg_answer planner)
{
	if (planner.rc != DB_OK)
		log_warnx("what the planner knew of values may still be in "
			  "the server's files: %s",
		    planner.why);
}

struct pg_answer
pg_scrub(PGconn *conn, const char *const *table, size_t n)
{
	struct buf name = {0};
	struct pg_answer a;
	char sql[64];

	snprintf(sql, sizeof sql, "SET lock_timeout = %u", db_busy_ms);
	a = pg_exec(conn, sql, NULL, 0, NULL, PG_QUESTION_MS);
	if (a.rc == DB_OK)
		a = wait_for_snapshots(conn);
	for (size_t i = 0; a.rc == DB_OK && i < n; i++) {
		buf_clear(&name);
		buf_printf(&name, "\"%s\"", table[i]);
		a = make_anew(conn, buf_str(&name));
		if (a.rc == DB_OK)
			warn(refresh(conn, table[i], buf_str(&name)));
	}
	buf_free(&name);
	/* The tables' ANALYZE has just removed some of that. */
	if (a.rc == DB_OK && n > 0)
		a = wait_for_snapshots(conn);
	if (a.rc != DB_OK || n == 0)
		return a;
	warn(make_anew(conn, STATISTICS));
	return a;
}
