/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "buf.h"
#include "log.h"
#include "pg_exec.h"
#include "pg_scrub.h"
#include "pg_wait.h"

/* Where the planner keeps some values of each column. */
#define STATISTICS "\"pg_catalog\".\"pg_statistic\""

static void
take_node(void *arg, const struct value *row, size_t n)
{
	(void)n;
	*(int64_t *)arg = row[0].i;
}

/* The file that a table is in: another one once it has been made anew. */
static struct pg_answer
look_up(PGconn *conn, const char *table, int64_t *node)
{
	const struct pg_rows rows = {
	    .columns = 1, .most = 1, .row = take_node, .arg = node};
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

struct pg_answer
pg_scrub(PGconn *conn, const char *const *table, size_t n)
{
	struct buf name = {0};
	struct pg_answer a, statistics;
	char sql[64];

	snprintf(sql, sizeof sql, "SET lock_timeout = %u", db_busy_ms);
	a = pg_exec(conn, sql, NULL, 0, NULL, PG_QUESTION_MS);
	for (size_t i = 0; a.rc == DB_OK && i < n; i++) {
		buf_clear(&name);
		buf_printf(&name, "\"%s\"", table[i]);
		a = make_anew(conn, buf_str(&name));
	}
	buf_free(&name);
	if (a.rc != DB_OK || n == 0)
		return a;
	statistics = make_anew(conn, STATISTICS);
	if (statistics.rc != DB_OK)
		log_warnx("what the planner knew of values may still be in "
			  "the server's files: %s",
		    statistics.why);
	return a;
}
