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

#include "log.h"
#include "pg.h"
#include "pg_pipeline.h"
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

/* What is left of a statement's time where it waits for a lock till the end. */
#define LOCK_MARGIN_MS 2000

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

static enum db_result
pg_run(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed, db_row_fn *row, void *arg)
{
	struct pg *p = (struct pg *)db;
	struct pg_pipeline *pipeline = &p->pipeline;

	if (pipeline->conn == NULL)
		pg_pipeline_fail(pipeline, DB_AGAIN, "the connection was lost");
	if (row != NULL)
		return pg_pipeline_ask(pipeline, q, value, nvalues, row, arg);
	if (nvalues == 0 && !q->foreign)
		pg_pipeline_send(pipeline, JOB_RUN, q->sql, changed);
	else
		pg_pipeline_send_query(pipeline, q, value, nvalues, changed);
	/* Only a transaction has an end at which failures come to light. */
	if (p->in_transaction && changed == NULL &&
	    pipeline->failure.rc == DB_OK)
		return DB_OK;
	return pg_pipeline_settle(pipeline);
}

static enum db_result
pg_sync(struct db *db)
{
	return pg_pipeline_settle(&((struct pg *)db)->pipeline);
}

static void
pg_forget(struct db *db, struct query *q)
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

const char *
pg_lock_timeout(void)
{
	static char sql[sizeof "SET LOCAL lock_timeout = 4294967295"];

	/* 0 would be for ever. */
	snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = %u",
	    db_busy_ms > 0 ? db_busy_ms : 1);
	return sql;
}

int64_t
pg_statement_ms(void)
{
	int64_t ms = (int64_t)db_busy_ms + LOCK_MARGIN_MS;

	if (ms < DB_STATEMENT_MS)
		return DB_STATEMENT_MS;
	return ms < INT32_MAX ? ms : INT32_MAX;
}

/* From now on, in the transaction; 0 is for ever. */
static void
send_statement_ms(struct pg_pipeline *pipeline, int64_t ms)
{
	char sql[sizeof "SET LOCAL statement_timeout = 2147483647"];

	snprintf(sql, sizeof sql, "SET LOCAL statement_timeout = %" PRId64, ms);
	pg_pipeline_send(pipeline, JOB_RUN, sql, NULL);
}

static enum db_result
pg_begin(struct db *db)
{
	struct pg *p = (struct pg *)db;
	struct pg_pipeline *pipeline = &p->pipeline;
	enum db_result rc;

	if (pipeline->conn == NULL && (rc = reconnect(p)) != DB_OK)
		return rc;
	pg_pipeline_send(pipeline, JOB_RUN, PG_BEGIN, NULL);
	pg_pipeline_send(pipeline, JOB_RUN, pg_lock_timeout(), NULL);
	pg_pipeline_send(pipeline, JOB_RUN, take_turn, NULL);
	send_statement_ms(pipeline, pg_statement_ms());
	p->in_transaction = pipeline->conn != NULL;
	return p->in_transaction ? DB_OK : pg_pipeline_settle(pipeline);
}

static enum db_result
pg_commit(struct db *db)
{
	struct pg *p = (struct pg *)db;
	struct pg_pipeline *pipeline = &p->pipeline;
	enum db_result rc;

	if (pipeline->conn == NULL)
		pg_pipeline_fail(pipeline, DB_AGAIN, "the connection was lost");
	if ((rc = pg_pipeline_settle(pipeline)) != DB_OK)
		return rc;
	if (pq.transactionStatus(pipeline->conn) != PQTRANS_INTRANS)
		pg_pipeline_fail(
		    pipeline, DB_FAILED, "the transaction has ended early");
	send_statement_ms(pipeline, 0);
	pg_pipeline_send(pipeline, JOB_COMMIT, "COMMIT", NULL);
	rc = pg_pipeline_settle(pipeline);
	if (rc == DB_OK)
		p->in_transaction = p->reconnected = false;
	return rc;
}

static void
pg_rollback(struct db *db)
{
	struct pg *p = (struct pg *)db;
	struct pg_pipeline *pipeline = &p->pipeline;

	pg_pipeline_settle(pipeline);
	if (pipeline->conn != NULL &&
	    pq.transactionStatus(pipeline->conn) != PQTRANS_IDLE) {
		pg_pipeline_send(pipeline, JOB_RUN, "ROLLBACK", NULL);
		pg_pipeline_settle(pipeline);
	}
	if (pipeline->conn != NULL &&
	    pq.transactionStatus(pipeline->conn) != PQTRANS_IDLE) {
		pg_pipeline_lose(pipeline);
		pg_pipeline_settle(pipeline);
	}
	p->in_transaction = false;
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
	p = calloc(1, sizeof *p);
	if (p == NULL || (p->where = strdup(where)) == NULL)
		log_err(1, NULL);
	p->db.ops = &pg_ops;
	p->pipeline.db = &p->db;
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
    .sync = pg_sync,
    .forget = pg_forget,
    .close = pg_close,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .export = "SELECT \"event_payload\",\"event_id\" FROM \"events_cursor\" "
	      "ORDER BY \"seq\"",
    .owners = "SELECT c.relname FROM pg_catalog.pg_class c "
	      "JOIN pg_catalog.pg_namespace n ON n.oid=c.relnamespace "
	      "WHERE n.nspname=current_schema() AND ("
	      "EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t "
	      "WHERE t.tgrelid=c.oid AND NOT t.tgisinternal) "
	      "OR EXISTS (SELECT 1 FROM pg_catalog.pg_rules r "
	      "WHERE r.schemaname=n.nspname AND r.tablename=c.relname) "
	      "OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k "
	      "WHERE c.oid IN (k.conrelid,k.confrelid) AND (k.condeferred "
	      "OR k.confdeltype IN ('c','n','d') "
	      "OR k.confupdtype IN ('c','n','d')))) ORDER BY 1",
    .system = "postgresql",
};
