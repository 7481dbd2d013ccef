/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_UNDERWAY_H
#define WOS_PG_UNDERWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "db.h"
#include "libpq.h"
#include "pg_answer.h"
#include "pg_exec.h"
#include "pg_prepared.h"
#include "prepared.h"

/*
 * What is on its way to a PostgreSQL server, and its answers.
 */

/* The most that may be on its way, in statements: their answers take memory. */
#define PG_MOST_UNDERWAY 1024

enum pg_job_kind {
	JOB_PREPARE,
	JOB_RUN,
	JOB_LOOK,
	JOB_COMMIT,
	JOB_FORGET,
	JOB_SYNC,
};

/* Something on its way to the server. */
struct pg_job {
	enum pg_job_kind kind;
	struct db_place at;
	struct pg_prepared *prepared; /* or NULL */
	union {
		int64_t *changed;     /* or NULL */
		struct pg_rows *rows; /* of a look; `most` are to come */
	};
	int64_t sent; /* when, on the clock of time_ticks */
};

struct pg_pipeline {
	PGconn *conn;          /* NULL: it was lost, and not made anew */
	struct prepared known; /* struct pg_prepared of each query */
	struct pg_prepared_list prepared;
	struct pg_job job[PG_MOST_UNDERWAY]; /* a ring */
	size_t first, njobs;
	bool unsynced; /* has anything been sent since the last JOB_SYNC? */
	size_t unflushed_jobs, unflushed_bytes;
	struct pg_answer failure; /* of a job; rc is DB_OK: none yet */
	struct db_place failed_at;
	struct buf text; /* the values at hand */
};

/* It has been sent. */
void pg_underway_add(struct pg_pipeline *p, struct pg_job job);

/* Takes answers until no more than `most` jobs are underway. */
void pg_underway_wait(struct pg_pipeline *p, size_t most);

/*
 * Sees to it that what was sent leaves, and takes what the server writes
 * meanwhile, or both might wait for each other.
 */
void pg_underway_flush(struct pg_pipeline *p);

/* A failure of ours, unless there is one already. */
void pg_pipeline_fail(
    struct pg_pipeline *p, enum db_result rc, const char *why);

/* The connection is gone, and everything that was on its way with it. */
void pg_pipeline_lose(struct pg_pipeline *p);

#endif
