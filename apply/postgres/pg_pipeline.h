/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_PIPELINE_H
#define WOS_PG_PIPELINE_H

#include "pg_underway.h"

/*
 * Statements on their way to a PostgreSQL server.  They are sent as they come,
 * and the server's answers are read as they arrive, so that a batch waits for
 * the network twice, not once for each event.  After a failure the server
 * passes over everything up to the end of the pipeline, so the first failure
 * is the only one.
 */

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
 * is sent any more until pg_pipeline_drain.  *changed has been added to by
 * then; it may be NULL.
 */
void pg_pipeline_send(struct pg_pipeline *p, const struct db_place *at,
    enum pg_job_kind kind, const char *sql, int64_t *changed);
void pg_pipeline_send_query(struct pg_pipeline *p, const struct db_place *at,
    const struct query *q, const struct value *value, size_t nvalues,
    int64_t *changed);

/*
 * Sends a question likewise: its rows come one by one, in their turn, until
 * pg_pipeline_drain at the latest.
 */
void pg_pipeline_look(struct pg_pipeline *p, const struct db_place *at,
    const struct query *q, const struct value *value, size_t nvalues,
    db_row_fn *row, void *arg);

/*
 * Waits for all that is on its way.  Returns the first failure in it, which is
 * in p->failure and p->failed_at until the next; the pipeline is as new then,
 * and the transaction has failed.
 */
enum db_result pg_pipeline_drain(struct pg_pipeline *p);

/* Asks something once the pipeline is drained: its rows come one by one. */
enum db_result pg_pipeline_ask(struct pg_pipeline *p, const struct db_place *at,
    const struct query *q, const struct value *value, size_t nvalues,
    db_row_fn *row, void *arg);

/* The query is about to go: what is kept of it is freed when it is done. */
void pg_pipeline_forget(struct pg_pipeline *p, const struct query *q);

#endif
