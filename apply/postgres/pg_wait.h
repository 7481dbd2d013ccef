/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_WAIT_H
#define WOS_PG_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "libpq.h"

/*
 * Waiting for a server that may be slow, silent, or a liar: what never ends is
 * as good as no answer.  There is one connection at a time, and its patience is
 * kept here.
 */

/*
 * How long an answer may take, in milliseconds, from the first word to the
 * last.  A question by a key takes no second; one about whole tables may have
 * to read them.  In a batch, an answer may come together with those to all
 * that pg_pipeline.c sends at once, and others may keep the server waiting as
 * long as --busy-timeout says.  An index on a table of hundreds of millions of
 * rows takes hours, and would be begun anew the next time.
 */
#define PG_QUESTION_MS (INT64_C(60) * 1000)
#define PG_TABLES_MS (INT64_C(10) * 60 * 1000)
#define PG_BATCH_MS (INT64_C(10) * 60 * 1000)
#define PG_SCHEMA_MS (INT64_C(12) * 60 * 60 * 1000)

/*
 * The statements that a transaction which writes begins with; the second lets
 * it wait for others as long as --busy-timeout says.  At READ COMMITTED, what
 * others committed while it waited is seen afterwards.
 */
#define PG_BEGIN "BEGIN ISOLATION LEVEL READ COMMITTED"
const char *pg_lock_timeout(void);

/*
 * How long the server lets a statement of the stream run, in milliseconds: also
 * when the program has been killed.  A wait for another session's lock is in
 * it, which is to end first, by --busy-timeout: that is not the event's fault.
 */
int64_t pg_statement_ms(void);

/* From now on so much time is left, and no notice has come. */
void pg_wait_begin(int64_t ms);

/*
 * Waits for the server to write, where an answer is due, and sends meanwhile
 * what has not left yet.  Returns false if the time is over, if the server
 * sends nothing but notices, or if the connection is gone.
 */
bool pg_wait(PGconn *conn);

/* The same for these events of poll(2). */
bool pg_wait_for(PGconn *conn, short events);

/* Why there is no answer, if the server is to blame; or NULL. */
const char *pg_wait_why(void);

/* For PQsetNoticeProcessor: a notice is counted, and not read. */
void pg_count_notice(void *arg, const char *text);

/*
 * From now on the program takes no more than PG_MEMORY_MOST bytes beyond what
 * it has, if the system can see to that.  A server says itself how long its
 * messages are, and libpq believes up to 2 GiB.
 */
void pg_bound_memory(void);

#endif
