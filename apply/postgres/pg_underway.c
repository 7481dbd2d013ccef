/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "pg_exec.h"
#include "pg_underway.h"
#include "pg_wait.h"

/* Rows that a statement can have changed: their sum is no overflow. */
#define MOST_CHANGED (INT64_C(1) << 40)

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

	if (job->kind == JOB_LOOK)
		free(job->rows);
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
	       oldest(p)->at.from_stream &&
	       strstr(p->failure.why, "user request") == NULL &&
	       time_ticks() - oldest(p)->sent >= pg_statement_ms();
}

static struct db_place
place_at_fault(struct pg_pipeline *p)
{
	return p->njobs > 0 ? oldest(p)->at
			    : (struct db_place){.group = DB_NOWHERE};
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
	p->failed_at = place_at_fault(p);
}

void
pg_pipeline_fail(struct pg_pipeline *p, enum db_result rc, const char *why)
{
	if (p->failure.rc != DB_OK)
		return;
	p->failure = (struct pg_answer){.rc = rc};
	snprintf(p->failure.why, sizeof p->failure.why, "%s", why);
	p->failed_at = place_at_fault(p);
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
	switch (job->kind) {
	case JOB_PREPARE:
	case JOB_LOOK:
	case JOB_SYNC:
		break;
	case JOB_RUN:
		if (job->at.from_stream && !is_row_change(res))
			pg_pipeline_fail(p, DB_REFUSED, "it is no row change");
		if (job->changed != NULL)
			*job->changed += rows_changed(res);
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

/* A row: of a look, for who has asked. */
static void
take_row(struct pg_pipeline *p, struct pg_job *job, const PGresult *res)
{
	struct pg_answer a = job->kind == JOB_LOOK && job->rows->most-- > 0
				 ? pg_give_row(res, job->rows)
				 : pg_lie(PG_WHY_UNASKED);

	if (a.rc != DB_OK)
		pg_pipeline_fail(p, a.rc, a.why);
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
		take_row(p, job, res);
		break;
	default:
		fail(p, res);
		take_undone(p, job);
	}
	pq.clear(res);
}

/*
 * Has an answer arrived?  Rows come one by one, and so are not collected, also
 * where nothing is to return any.
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

void
pg_underway_wait(struct pg_pipeline *p, size_t most)
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
 * An answer need not be due: after an error the server passes over all, the
 * request for answers too.
 */
void
pg_underway_flush(struct pg_pipeline *p)
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

void
pg_underway_add(struct pg_pipeline *p, struct pg_job job)
{
	if (job.prepared != NULL)
		job.prepared->underway++;
	job.sent = time_ticks();
	p->job[(p->first + p->njobs) % PG_MOST_UNDERWAY] = job;
	p->njobs++;
	p->unflushed_jobs++;
	p->unsynced = job.kind != JOB_SYNC;
}
