/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL as wos-apply's database: its statements go through a pipeline,
 * its transactions take turns, and its connection, if it is lost, is made anew.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory.h"
#include "pg.h"
#include "pg_connect.h"
#include "pg_pipeline.h"
#include "pg_schema.h"
#include "pg_scrub.h"
#include "pg_wait.h"

/*
 * Writers take turns.  Whoever runs this waits until no other one is left, and
 * sees all that it did: the row is updated, not only locked, so that a
 * transaction whose view of the database is older fails instead, at whatever
 * isolation the server has.
 */
static const char take_turn[] =
    "INSERT INTO \"sync_lock\" (\"name\",\"taken_at\") VALUES ('writer',"
    "CAST(EXTRACT(EPOCH FROM clock_timestamp())*1000 AS BIGINT)) "
    "ON CONFLICT (\"name\") DO UPDATE SET \"taken_at\"=excluded.\"taken_at\"";

/* How long to wait before a lost connection is made anew, in seconds. */
#define RECONNECT_PAUSE 2

struct pg {
	struct db db;
	char *where;
	struct pg_pipeline pipeline;
	bool reconnected; /* since the last commit */
	bool in_transaction;
};

static const struct db_ops pg_ops;

static const struct db_place nowhere = {.group = DB_NOWHERE};

/* A failure of the pipeline is the database's. */
static enum db_result
note_failure(struct pg *p, enum db_result rc)
{
	const struct pg_answer *failure = &p->pipeline.failure;

	if (rc == DB_OK)
		return DB_OK;
	memcpy(p->db.why, failure->why, sizeof p->db.why);
	p->db.failed = p->pipeline.failed_at;
	p->db.overtime = failure->overtime;
	return rc;
}

static enum db_result
drain(struct pg *p)
{
	return note_failure(p, pg_pipeline_drain(&p->pipeline));
}

/*
 * Something has been sent.  Only a transaction has an end at which failures
 * come to light.
 */
static enum db_result
sent(struct pg *p)
{
	if (p->in_transaction && p->pipeline.failure.rc == DB_OK)
		return DB_OK;
	return drain(p);
}

static void
check_connection(struct pg *p)
{
	if (p->pipeline.conn == NULL)
		pg_pipeline_fail(
		    &p->pipeline, DB_AGAIN, "the connection was lost");
}

/* Sends a statement of ours without values. */
static void
send_own(struct pg *p, const char *sql)
{
	check_connection(p);
	pg_pipeline_send(&p->pipeline, &nowhere, JOB_RUN, sql, NULL);
}

/* From now on, in the transaction; 0 is for ever. */
static void
send_statement_ms(struct pg *p, int64_t ms)
{
	char sql[sizeof "SET LOCAL statement_timeout = 2147483647"];

	snprintf(sql, sizeof sql, "SET LOCAL statement_timeout = %" PRId64, ms);
	send_own(p, sql);
}

static enum db_result
pg_run(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed)
{
	struct pg *p = (struct pg *)db;
	struct pg_pipeline *pipeline = &p->pipeline;

	check_connection(p);
	if (q->whole && p->in_transaction)
		send_statement_ms(p, PG_TABLES_MS);
	if (nvalues == 0 && q->form == NULL)
		pg_pipeline_send(pipeline, at, JOB_RUN, q->sql, changed);
	else
		pg_pipeline_send_query(
		    pipeline, at, q, value, nvalues, changed);
	return sent(p);
}

static enum db_result
pg_look(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg)
{
	struct pg *p = (struct pg *)db;

	check_connection(p);
	pg_pipeline_look(&p->pipeline, at, q, value, nvalues, row, arg);
	return sent(p);
}

static enum db_result
pg_ask_one(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg)
{
	struct pg *p = (struct pg *)db;

	check_connection(p);
	return note_failure(
	    p, pg_pipeline_ask(&p->pipeline, at, q, value, nvalues, row, arg));
}

static enum db_result
pg_sync(struct db *db)
{
	return drain((struct pg *)db);
}

static void
pg_forget(struct db *db, const struct query *q)
{
	pg_pipeline_forget(&((struct pg *)db)->pipeline, q);
}

/* Makes a lost connection anew: once, until something has been committed. */
static enum db_result
reconnect(struct pg *p)
{
	const struct timespec pause = {RECONNECT_PAUSE, 0};
	enum db_result rc;

	if (p->reconnected) {
		snprintf(p->db.why, sizeof p->db.why,
		    "the connection was lost again");
		return DB_BUSY;
	}
	p->reconnected = true;
	nanosleep(&pause, NULL);
	rc = pg_connect(p->where, &p->pipeline.conn, p->db.why);
	if (rc == DB_OK)
		pg_pipeline_begin(&p->pipeline);
	return rc;
}

static enum db_result
pg_begin(struct db *db)
{
	struct pg *p = (struct pg *)db;
	enum db_result rc;

	if (p->pipeline.conn == NULL && (rc = reconnect(p)) != DB_OK)
		return rc;
	send_own(p, PG_BEGIN);
	send_own(p, pg_lock_timeout());
	send_own(p, take_turn);
	send_statement_ms(p, pg_statement_ms());
	p->in_transaction = p->pipeline.conn != NULL;
	return p->in_transaction ? DB_OK : drain(p);
}

static enum db_result
pg_commit(struct db *db)
{
	const struct db_place anywhere = {.group = DB_ANYWHERE};
	struct pg *p = (struct pg *)db;
	struct pg_pipeline *pipeline = &p->pipeline;
	enum db_result rc;

	check_connection(p);
	if ((rc = drain(p)) != DB_OK)
		return rc;
	if (pq.transactionStatus(pipeline->conn) != PQTRANS_INTRANS)
		pg_pipeline_fail(
		    pipeline, DB_FAILED, "the transaction has ended early");
	send_statement_ms(p, 0);
	pg_pipeline_send(pipeline, &anywhere, JOB_COMMIT, "COMMIT", NULL);
	rc = drain(p);
	if (rc == DB_OK)
		p->in_transaction = p->reconnected = false;
	return rc;
}

static void
pg_rollback(struct db *db)
{
	struct pg *p = (struct pg *)db;
	struct pg_pipeline *pipeline = &p->pipeline;

	drain(p);
	if (pipeline->conn != NULL &&
	    pq.transactionStatus(pipeline->conn) != PQTRANS_IDLE) {
		send_own(p, "ROLLBACK");
		drain(p);
	}
	if (pipeline->conn != NULL &&
	    pq.transactionStatus(pipeline->conn) != PQTRANS_IDLE) {
		pg_pipeline_lose(pipeline);
		drain(p);
	}
	p->in_transaction = false;
}

static enum db_result
pg_mark(struct db *db)
{
	struct pg *p = (struct pg *)db;

	send_own(p, "SAVEPOINT wos");
	return sent(p);
}

static enum db_result
pg_keep(struct db *db)
{
	struct pg *p = (struct pg *)db;

	send_own(p, "RELEASE SAVEPOINT wos");
	return sent(p);
}

static enum db_result
pg_undo(struct db *db)
{
	struct pg *p = (struct pg *)db;
	enum db_result rc = drain(p);

	if (rc != DB_OK && rc != DB_REFUSED) /* what goes may have failed */
		return rc;
	send_own(p, "ROLLBACK TO SAVEPOINT wos");
	return pg_keep(db);
}

static enum db_result
pg_scrub_tables(struct db *db, const char *const *table, size_t n)
{
	struct pg *p = (struct pg *)db;
	struct pg_pipeline *pipeline = &p->pipeline;
	enum db_result rc;

	check_connection(p);
	if ((rc = drain(p)) != DB_OK)
		return rc;
	if (pq.pipelineStatus(pipeline->conn) != PQ_PIPELINE_OFF)
		pq.exitPipelineMode(pipeline->conn);
	pipeline->failure = pg_scrub(pipeline->conn, table, n);
	pipeline->failed_at = nowhere;
	rc = pipeline->failure.rc;
	if (rc != DB_OK && *pipeline->failure.state == '\0')
		pg_pipeline_lose(pipeline);
	return rc == DB_OK ? DB_OK : drain(p);
}

static void
pg_close(struct db *db)
{
	struct pg *p = (struct pg *)db;

	pg_pipeline_release(&p->pipeline);
	free(p->where);
	free(p);
}

/* The connection and its schema; *found is what a reader asks for. */
static enum db_result
start(struct pg *p, enum db_mode mode, bool *found)
{
	struct pg_pipeline *pipeline = &p->pipeline;
	enum db_result rc = pg_connect(p->where, &pipeline->conn, p->db.why);

	pg_pipeline_begin(pipeline);
	if (rc == DB_OK)
		rc = pg_schema(pipeline->conn, mode, found, p->db.why);
	return rc;
}

enum db_result
pg_open(
    const char *where, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	struct pg *p;
	const char *missing;
	enum db_result rc;
	bool found = false;

	*db = NULL;
	if (!libpq_load(&missing)) {
		snprintf(why, DB_WHY_SIZE, "needs libpq: %s", missing);
		return DB_FAILED;
	}
	pg_bound_memory();
	p = memory_new(1, sizeof *p);
	if ((p->where = strdup(where)) == NULL)
		memory_out();
	p->db.ops = &pg_ops;
	rc = start(p, mode, &found);
	memcpy(why, p->db.why, DB_WHY_SIZE);
	if (rc == DB_OK && (found || mode == DB_WRITE))
		*db = &p->db;
	else
		pg_close(&p->db);
	return rc == DB_REFUSED && mode != DB_DRY ? DB_FAILED : rc;
}

static const struct db_ops pg_ops = {
    .run = pg_run,
    .ask = pg_ask_one,
    .look = pg_look,
    .sync = pg_sync,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .mark = pg_mark,
    .keep = pg_keep,
    .undo = pg_undo,
    .scrub = pg_scrub_tables,
    .forget = pg_forget,
    .close = pg_close,
    .ascii = " COLLATE \"C\"",
    .arrival = "\"seq\"",
    .owners = {.sql =
		   "SELECT c.relname FROM pg_catalog.pg_class c "
		   "JOIN pg_catalog.pg_namespace n ON n.oid=c.relnamespace "
		   "WHERE n.nspname=current_schema() AND ("
		   "EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t "
		   "WHERE t.tgrelid=c.oid AND NOT t.tgisinternal) "
		   "OR EXISTS (SELECT 1 FROM pg_catalog.pg_rules r "
		   "WHERE r.schemaname=n.nspname AND r.tablename=c.relname) "
		   "OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k "
		   "WHERE c.oid IN (k.conrelid,k.confrelid) AND (k.condeferred "
		   "OR k.confdeltype IN ('c','n','d') "
		   "OR k.confupdtype IN ('c','n','d')))) ORDER BY 1"},
    .system = "postgresql",
};

const char *
pg_library(void)
{
	static char text[sizeof "libpq " + 24];

	snprintf(text, sizeof text, "libpq %d.%d", pq.libVersion() / 10000,
	    pq.libVersion() % 10000);
	return text;
}
