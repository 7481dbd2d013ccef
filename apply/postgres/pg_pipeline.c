/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "pg_exec.h"
#include "pg_pipeline.h"

/*
 * How many statements, and bytes of them, are sent before the server is asked
 * to answer those.  After a failure as much may have been sent in vain.
 */
#define FLUSH_STATEMENTS 64
#define FLUSH_BYTES ((size_t)256 * 1024)

/* How long to wait for the last statements of all to go, in milliseconds. */
#define LEAVE_MS 1000

/* Room for a job.  Nothing is sent that the server would pass over. */
static bool
make_room(struct pg_pipeline *p)
{
	if (p->conn == NULL || p->failure.rc != DB_OK)
		return false;
	if (pq.pipelineStatus(p->conn) == PQ_PIPELINE_OFF &&
	    !pq.enterPipelineMode(p->conn)) {
		pg_pipeline_lose(p);
		return false;
	}
	if (p->unflushed_jobs >= FLUSH_STATEMENTS ||
	    p->unflushed_bytes >= FLUSH_BYTES) {
		if (!pq.sendFlushRequest(p->conn))
			pg_pipeline_lose(p);
		pg_underway_flush(p);
	}
	pg_underway_wait(p, PG_MOST_UNDERWAY - 1);
	return p->conn != NULL && p->failure.rc == DB_OK;
}

void
pg_pipeline_send(struct pg_pipeline *p, const struct db_place *at,
    enum pg_job_kind kind, const char *sql, int64_t *changed)
{
	if (!make_room(p))
		return;
	if (!pq.sendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 0))
		pg_pipeline_lose(p);
	else
		pg_underway_add(
		    p, (struct pg_job){
			   .kind = kind, .at = *at, .changed = changed});
}

enum db_result
pg_pipeline_drain(struct pg_pipeline *p)
{
	enum db_result rc;

	if (p->conn != NULL && p->unsynced) {
		pg_underway_wait(p, PG_MOST_UNDERWAY - 1);
		if (p->conn != NULL && !pq.pipelineSync(p->conn))
			pg_pipeline_lose(p);
		if (p->conn != NULL)
			pg_underway_add(p, (struct pg_job){.kind = JOB_SYNC});
		pg_underway_wait(p, 0);
		p->unflushed_jobs = p->unflushed_bytes = 0;
	}
	rc = p->failure.rc;
	p->failure.rc = DB_OK;
	return rc;
}

/* Makes room on the server for one, if it has many that nobody needs. */
static void
send_forget(struct pg_pipeline *p)
{
	struct pg_prepared *s = pg_prepared_spare(&p->prepared);
	char sql[sizeof "DEALLOCATE " + PG_NAME_SIZE];

	if (s == NULL || !make_room(p))
		return;
	snprintf(sql, sizeof sql, "DEALLOCATE %s", s->name);
	if (!pq.sendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 0)) {
		pg_pipeline_lose(p);
		return;
	}
	s->leaving = true;
	p->prepared.forgotten--;
	pg_underway_add(p, (struct pg_job){.kind = JOB_FORGET, .prepared = s});
}

/* Has the server prepare the statement, unless it has already. */
static struct pg_prepared *
send_prepare(
    struct pg_pipeline *p, const struct db_place *at, const struct query *q)
{
	struct pg_prepared *s = prepared_find(&p->known, q);

	if (s == NULL) {
		s = pg_prepared_new(&p->prepared);
		prepared_add(&p->known, q, s);
	}
	if (pg_prepared_is_there(&p->prepared, s))
		return s;
	send_forget(p);
	if (!make_room(p))
		return s;
	pg_prepared_name(&p->prepared, s);
	if (!pq.sendPrepare(p->conn, s->name, q->sql, 0, NULL)) {
		pg_pipeline_lose(p);
		return s;
	}
	s->session = p->prepared.session;
	pg_underway_add(
	    p, (struct pg_job){.kind = JOB_PREPARE, .at = *at, .prepared = s});
	return s;
}

/*
 * Sends a statement that the server prepares first, unless it has already.
 * Returns false if nothing is sent any more.
 */
static bool
send_prepared(struct pg_pipeline *p, const struct query *q,
    const struct value *value, size_t nvalues, struct pg_job *job)
{
	const char *param[PG_MOST_VALUES];
	bool sent;

	job->prepared = send_prepare(p, &job->at, q);
	if (!make_room(p))
		return false;
	pg_params(&p->text, value, nvalues, param);
	p->unflushed_bytes += p->text.len;
	sent = pq.sendQueryPrepared(
	    p->conn, job->prepared->name, (int)nvalues, param, NULL, NULL, 0);
	if (!sent)
		pg_pipeline_lose(p);
	else
		pg_underway_add(p, *job);
	return sent;
}

void
pg_pipeline_send_query(struct pg_pipeline *p, const struct db_place *at,
    const struct query *q, const struct value *value, size_t nvalues,
    int64_t *changed)
{
	struct pg_job job = {.kind = JOB_RUN, .at = *at, .changed = changed};

	send_prepared(p, q, value, nvalues, &job);
}

void
pg_pipeline_look(struct pg_pipeline *p, const struct db_place *at,
    const struct query *q, const struct value *value, size_t nvalues,
    db_row_fn *row, void *arg)
{
	struct pg_rows *rows = memory_new(1, sizeof *rows);
	struct pg_job job = {.kind = JOB_LOOK, .at = *at, .rows = rows};

	*rows = pg_rows_of(q, row, arg);
	if (!send_prepared(p, q, value, nvalues, &job))
		free(rows);
}

enum db_result
pg_pipeline_ask(struct pg_pipeline *p, const struct db_place *at,
    const struct query *q, const struct value *value, size_t nvalues,
    db_row_fn *row, void *arg)
{
	struct pg_answer answer;
	enum db_result rc = pg_pipeline_drain(p);

	if (rc != DB_OK)
		return rc;
	if (pq.pipelineStatus(p->conn) != PQ_PIPELINE_OFF)
		pq.exitPipelineMode(p->conn);
	answer = pg_ask(p->conn, q, value, nvalues, row, arg);
	if (answer.rc == DB_OK)
		return DB_OK;
	p->failure = answer;
	p->failed_at = *at;
	if (*answer.state == '\0')
		pg_pipeline_lose(p);
	return pg_pipeline_drain(p);
}

void
pg_pipeline_forget(struct pg_pipeline *p, const struct query *q)
{
	struct pg_prepared *s = prepared_remove(&p->known, q);

	if (s != NULL)
		pg_prepared_forget(&p->prepared, s);
}

void
pg_pipeline_begin(struct pg_pipeline *p)
{
	pg_prepared_begin(&p->prepared);
	p->failure.rc = DB_OK;
}

/*
 * The session may outlive the connection, so what is ours goes.  What fails is
 * no matter: everything is committed.
 */
static void
leave(struct pg_pipeline *p)
{
	struct buf sql = {0};

	pg_prepared_leave(&p->prepared, &sql);
	if (pq.pipelineStatus(p->conn) != PQ_PIPELINE_OFF)
		pq.exitPipelineMode(p->conn);
	if (sql.len > 0 && p->njobs == 0 &&
	    pq.transactionStatus(p->conn) == PQTRANS_IDLE)
		pg_exec(p->conn, buf_str(&sql), NULL, 0, NULL, LEAVE_MS);
	buf_free(&sql);
}

void
pg_pipeline_release(struct pg_pipeline *p)
{
	if (p->conn != NULL) {
		leave(p);
		pg_pipeline_lose(p);
	}
	prepared_release(&p->known);
	pg_prepared_free_all(&p->prepared);
	buf_free(&p->text);
}
