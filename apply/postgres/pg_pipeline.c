/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "pg.h"
#include "pg_pipeline.h"
#include "pg_wait.h"

/*
 * How many statements, and bytes of them, are sent before the server is asked
 * to answer those.  After a failure as much may have been sent in vain.
 */
#define FLUSH_STATEMENTS 64
#define FLUSH_BYTES ((size_t)256 * 1024)

/* Rows that a statement can have changed: their sum is no overflow. */
#define MOST_CHANGED (INT64_C(1) << 40)

/* How long to wait for the last statements of all to go, in milliseconds. */
#define LEAVE_MS 1000

#define POOLER                                                                 \
	"a connection pooler in transaction mode lies between: use one in "    \
	"session mode, or none"

static struct pg_job *
oldest(struct pg_pipeline *p)
{
	return &p->job[p->first];
}

static void
job_done(struct pg_pipeline *p)
{
	struct pg_job *job = oldest(p);

	if (job->prepared != NULL) {
		job->prepared->underway--;
		pg_prepared_free(&p->prepared, job->prepared);
	}
	p->first = (p->first + 1) % PG_MOST_UNDERWAY;
	p->njobs--;
}

/*
 * Did the server end the statement for its time?  An administrator's cancel has
 * the same state, and a text in whatever language the server speaks.
 */
static bool
is_overtime(struct pg_pipeline *p)
{
	return strcmp(p->failure.state, "57014") == 0 && p->njobs > 0 &&
	       oldest(p)->foreign &&
	       strstr(p->failure.why, "user request") == NULL &&
	       time_ticks() - oldest(p)->sent >= pg_statement_ms();
}

/* The first failure is kept; what follows is its echo. */
static void
fail(struct pg_pipeline *p, const PGresult *res)
{
	if (p->failure.rc != DB_OK)
		return;
	pg_failed(&p->failure, p->conn, res);
	/* Prepared statements neither vanish nor appear in a session. */
	if (strcmp(p->failure.state, "26000") == 0 ||
	    strcmp(p->failure.state, "42P05") == 0)
		snprintf(p->failure.why, sizeof p->failure.why, POOLER);
	/* A pooler's own word; an error's text may have an event's in it. */
	if (strncmp(p->failure.state, "08", 2) == 0 &&
	    strstr(p->failure.why, "statement pooling mode") != NULL)
		p->failure.rc = DB_FAILED;
	p->failure.overtime = is_overtime(p);
	if (p->failure.overtime) {
		p->failure.rc = DB_REFUSED;
		snprintf(p->failure.why, sizeof p->failure.why, "%s",
		    DB_WHY_OVERTIME);
	}
	p->failed_at = p->njobs > 0 ? oldest(p)->place : p->db->here;
}

void
pg_pipeline_fail(struct pg_pipeline *p, enum db_result rc, const char *why)
{
	if (p->failure.rc != DB_OK)
		return;
	p->failure = (struct pg_answer){.rc = rc};
	snprintf(p->failure.why, sizeof p->failure.why, "%s", why);
	p->failed_at = p->njobs > 0 ? oldest(p)->place : p->db->here;
}

void
pg_pipeline_lose(struct pg_pipeline *p)
{
	fail(p, NULL);
	while (p->njobs > 0)
		job_done(p);
	pq.finish(p->conn);
	p->conn = NULL;
	p->unsynced = false;
}

/* A row change says INSERT, UPDATE or DELETE; anything else was none. */
static bool
is_row_change(const PGresult *res)
{
	const char *tag = pq.cmdStatus((PGresult *)res);

	return strncmp(tag, "INSERT ", 7) == 0 ||
	       strncmp(tag, "UPDATE ", 7) == 0 ||
	       strncmp(tag, "DELETE ", 7) == 0;
}

/* How many rows were changed; what can't be is none. */
static int64_t
rows_changed(PGresult *res)
{
	int64_t rows = strtoll(pq.cmdTuples(res), NULL, 10);

	return rows > 0 && rows < MOST_CHANGED ? rows : 0;
}

static void
take_done(struct pg_pipeline *p, struct pg_job *job, PGresult *res)
{
	int64_t rows;

	switch (job->kind) {
	case JOB_PREPARE:
	case JOB_SYNC:
		break;
	case JOB_RUN:
		if (job->foreign && !is_row_change(res))
			pg_pipeline_fail(p, DB_REFUSED, "it is no row change");
		rows = rows_changed(res);
		if (job->foreign)
			db_count(p->db, &job->place, rows);
		if (job->changed != NULL)
			*job->changed = rows;
		break;
	case JOB_COMMIT: /* a transaction that has failed says ROLLBACK */
		if (strcmp(pq.cmdStatus(res), "COMMIT") != 0)
			pg_pipeline_fail(
			    p, DB_FAILED, "the server took it back");
		break;
	case JOB_FORGET:
		job->prepared->session = 0;
	}
}

/* It failed, or the server passed over it. */
static void
take_undone(struct pg_pipeline *p, struct pg_job *job)
{
	if (job->kind == JOB_PREPARE)
		job->prepared->session = 0;
	if (job->kind == JOB_FORGET) {
		job->prepared->leaving = false;
		p->prepared.forgotten++;
	}
}

/* Takes the next answer, which has arrived. */
static void
take_answer(struct pg_pipeline *p)
{
	struct pg_job *job = oldest(p);
	PGresult *res = pq.getResult(p->conn);

	if (res == NULL) { /* all of this job's have been */
		job_done(p);
		return;
	}
	switch (pq.resultStatus(res)) {
	case PGRES_PIPELINE_SYNC:
		job_done(p);
		break;
	case PGRES_PIPELINE_ABORTED:
		take_undone(p, job);
		break;
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		take_done(p, job, res);
		break;
	case PGRES_SINGLE_TUPLE:
		pg_pipeline_fail(p, DB_FAILED, PG_WHY_UNASKED);
		break;
	default:
		fail(p, res);
		take_undone(p, job);
	}
	pq.clear(res);
}

/*
 * Has an answer arrived?  Rows, which nothing in a pipeline is to return, come
 * one by one, and so are not collected.
 */
static bool
has_arrived(struct pg_pipeline *p)
{
	pq.setSingleRowMode(p->conn);
	return !pq.isBusy(p->conn) && p->njobs > 0;
}

/* Is it a failure after which the server's answers may have no end? */
static bool
is_lie(const struct pg_pipeline *p)
{
	return p->failure.rc == DB_FAILED && *p->failure.state == '\0';
}

static void
wait_begin(void)
{
	pg_wait_begin(PG_BATCH_MS + (int64_t)db_busy_ms);
}

/* Takes answers until no more than `most` jobs are underway. */
static void
take_answers(struct pg_pipeline *p, size_t most)
{
	wait_begin();
	while (p->conn != NULL && p->njobs > most) {
		if (has_arrived(p)) {
			take_answer(p);
			wait_begin();
		} else if (!pg_wait(p->conn) || !pq.consumeInput(p->conn)) {
			pg_pipeline_lose(p);
		}
		if (p->conn != NULL &&
		    (is_lie(p) || pq.status(p->conn) == CONNECTION_BAD))
			pg_pipeline_lose(p);
	}
}

/* Takes the answers that are there already. */
static void
take_arrived(struct pg_pipeline *p)
{
	if (p->conn == NULL)
		return;
	if (!pq.consumeInput(p->conn)) {
		pg_pipeline_lose(p);
		return;
	}
	while (!is_lie(p) && has_arrived(p))
		take_answer(p);
	if (is_lie(p))
		pg_pipeline_lose(p);
}

/*
 * Sees to it that what was sent leaves, and takes what the server writes
 * meanwhile, or both might wait for each other.  An answer need not be due:
 * after an error the server passes over all, the request for answers too.
 */
static void
flush(struct pg_pipeline *p)
{
	int more;

	p->unflushed_jobs = p->unflushed_bytes = 0;
	wait_begin();
	while (p->conn != NULL && (more = pq.flush(p->conn)) != 0)
		if (more == -1 || !pg_wait_for(p->conn, POLLIN | POLLOUT))
			pg_pipeline_lose(p);
		else
			take_arrived(p);
	take_arrived(p);
}

static void
job_add(struct pg_pipeline *p, struct pg_job job)
{
	if (job.prepared != NULL)
		job.prepared->underway++;
	job.place = p->db->here;
	job.sent = time_ticks();
	p->job[(p->first + p->njobs) % PG_MOST_UNDERWAY] = job;
	p->njobs++;
	p->unflushed_jobs++;
	p->unsynced = job.kind != JOB_SYNC;
}

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
		flush(p);
	}
	take_answers(p, PG_MOST_UNDERWAY - 1);
	return p->conn != NULL && p->failure.rc == DB_OK;
}

void
pg_pipeline_send(struct pg_pipeline *p, enum pg_job_kind kind, const char *sql,
    int64_t *changed)
{
	if (!make_room(p))
		return;
	if (!pq.sendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 0))
		pg_pipeline_lose(p);
	else
		job_add(p, (struct pg_job){.kind = kind, .changed = changed});
}

enum db_result
pg_pipeline_settle(struct pg_pipeline *p)
{
	enum db_result rc;

	if (p->conn != NULL && p->unsynced) {
		take_answers(p, PG_MOST_UNDERWAY - 1);
		if (p->conn != NULL && !pq.pipelineSync(p->conn))
			pg_pipeline_lose(p);
		if (p->conn != NULL)
			job_add(p, (struct pg_job){.kind = JOB_SYNC});
		take_answers(p, 0);
		p->unflushed_jobs = p->unflushed_bytes = 0;
	}
	rc = p->failure.rc;
	if (rc != DB_OK) {
		memcpy(p->db->why, p->failure.why, sizeof p->db->why);
		p->db->failed = p->failed_at;
		p->db->overtime = p->failure.overtime;
	}
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
	job_add(p, (struct pg_job){.kind = JOB_FORGET, .prepared = s});
}

/* Has the server prepare the statement, unless it has already. */
static void
send_prepare(struct pg_pipeline *p, struct query *q)
{
	struct pg_prepared *s;

	if (q->prepared == NULL)
		q->prepared = pg_prepared_new(&p->prepared);
	s = q->prepared;
	if (pg_prepared_is_there(&p->prepared, s))
		return;
	send_forget(p);
	if (!make_room(p))
		return;
	pg_prepared_name(&p->prepared, s);
	if (!pq.sendPrepare(p->conn, s->name, q->sql, 0, NULL)) {
		pg_pipeline_lose(p);
		return;
	}
	s->session = p->prepared.session;
	job_add(p, (struct pg_job){.kind = JOB_PREPARE, .prepared = s});
}

void
pg_pipeline_send_query(struct pg_pipeline *p, struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed)
{
	const char *param[PG_MOST_VALUES];
	struct pg_prepared *s;

	send_prepare(p, q);
	if (!make_room(p))
		return;
	s = q->prepared;
	pg_params(&p->text, value, nvalues, param);
	p->unflushed_bytes += p->text.len;
	if (!pq.sendQueryPrepared(
		p->conn, s->name, (int)nvalues, param, NULL, NULL, 0))
		pg_pipeline_lose(p);
	else
		job_add(p, (struct pg_job){.kind = JOB_RUN,
			       .foreign = q->foreign,
			       .prepared = s,
			       .changed = changed});
}

enum db_result
pg_pipeline_ask(struct pg_pipeline *p, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg)
{
	struct pg_answer answer;
	enum db_result rc = pg_pipeline_settle(p);

	if (rc != DB_OK)
		return rc;
	if (pq.pipelineStatus(p->conn) != PQ_PIPELINE_OFF)
		pq.exitPipelineMode(p->conn);
	answer = pg_ask(p->conn, q, value, nvalues, row, arg);
	if (answer.rc == DB_OK)
		return DB_OK;
	p->failure = answer;
	p->failed_at = p->db->here;
	if (*answer.state == '\0')
		pg_pipeline_lose(p);
	return pg_pipeline_settle(p);
}

void
pg_pipeline_forget(struct pg_pipeline *p, struct query *q)
{
	pg_prepared_forget(&p->prepared, q->prepared);
	q->prepared = NULL;
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
	pg_prepared_free_all(&p->prepared);
	buf_free(&p->text);
}
