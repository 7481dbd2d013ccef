/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_PIPELINE_H
#define WOS_PG_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "db.h"
#include "libpq.h"
#include "pg.h"
#include "pg_prepared.h"

/*
 * Statements on their way to a PostgreSQL server.  They are sent as they come,
 * and the server's answers are read as they arrive, so that a batch waits for
 * the network twice, not once for each event.  After a failure the server
 * passes over everything up to the end of the pipeline, so the first failure
 * is the only one.
 */

/* The most that may be on its way, in statements: their answers take memory. */
#define PG_MOST_UNDERWAY 1024

enum pg_job_kind {
	JOB_PREPARE,
	JOB_RUN,
	JOB_COMMIT,
	JOB_FORGET,
	JOB_SYNC,
};

/* Something on its way to the server. */
struct pg_job {
	enum pg_job_kind kind;
	bool foreign;
	struct pg_prepared *prepared; /* or NULL */
	struct db_place place;
	int64_t *changed; /* or NULL */
	int64_t sent;     /* when, on the clock of time_ticks */
};

struct pg_pipeline {
	struct db *db; /* whose place is noted, and whose rows are counted */
	PGconn *conn;  /* NULL: it was lost, and not made anew */
	struct pg_prepared_list prepared;
	struct pg_job job[PG_MOST_UNDERWAY]; /* a ring */
	size_t first, njobs;
	bool unsynced; /* has anything been sent since the last JOB_SYNC? */
	size_t unflushed_jobs, unflushed_bytes;
	struct pg_answer failure; /* of a job; rc is DB_OK: none yet */
	struct db_place failed_at;
	struct buf text; /* the values at hand */
};

/*
 * A new connection is there, in `conn`: nothing is on its way, and nothing has
 * been prepared.
 */
void pg_pipeline_begin(struct pg_pipeline *p);

/* Gives back everything, the connection too. */
void pg_pipeline_release(struct pg_pipeline *p);

/*
 * Sends a statement without values, which is not kept, or one that the server
 * prepares first, unless it has already.  Once something has failed, nothing
 * is sent any more until pg_pipeline_settle.  *changed is filled in by then;
 * it may be NULL.
 */
void pg_pipeline_send(struct pg_pipeline *p, enum pg_job_kind kind,
    const char *sql, int64_t *changed);
void pg_pipeline_send_query(struct pg_pipeline *p, struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed);

/*
 * Waits for all that is on its way.  Returns the first failure in it, with the
 * reason in db->why and the place in db->failed; it is forgotten then: the
 * pipeline is as new, and the transaction has failed.
 */
enum db_result pg_pipeline_settle(struct pg_pipeline *p);

/* Asks something once the pipeline has settled: its rows come one by one. */
enum db_result pg_pipeline_ask(struct pg_pipeline *p, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg);

/* A failure of ours, unless there is one already. */
void pg_pipeline_fail(
    struct pg_pipeline *p, enum db_result rc, const char *why);

/* The connection is gone, and everything that was on its way with it. */
void pg_pipeline_lose(struct pg_pipeline *p);

/* The query is about to go: what is kept of it is freed when it is done. */
void pg_pipeline_forget(struct pg_pipeline *p, struct query *q);

#endif
