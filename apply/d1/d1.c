/* SPDX-License-Identifier: MIT */
/*
 * D1 as wos-apply's database: a transaction is a queue, its commit a request.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "d1.h"
#include "d1_ask.h"
#include "d1_copy.h"
#include "d1_schema.h"
#include "d1_statement.h"
#include "libcurl.h"
#include "memory.h"
#include "sqlite/sqlite.h"

/*
 * A request ends when it has so many bytes or events: D1 takes 30 seconds at
 * most for it, and 500 events of test/bench/generate's, 1.2 MB, a fraction of a
 * second.
 */
#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_EVENTS 500

/* D1's limit of a row, and what is left of it beside a parked text. */
#define ROW_MAX 2000000
#define WHY_ROW "its row would be larger than D1's limit of 2,000,000 bytes"
#define TEXT_MAX (ROW_MAX - 4096)

/* Before a transaction whose answer was lost, the first time; then doubled. */
#define LOST_PAUSE_MS 500

/* What becomes of the answer to a statement. */
struct job {
	int64_t *changed; /* where its rows are counted, or NULL */
	db_row_fn *row;   /* or who gets the rows of a question */
	void *arg;
};

struct d1 {
	struct db db;
	struct d1_api api;
	struct buf queue; /* statements as JSON, with commas between */
	struct job *job;  /* of each */
	size_t n, cap;
	size_t mark_bytes, mark_n;
	bool in_transaction;
	unsigned lost; /* answers, one after the other */
};

static const struct db_ops d1_ops;

static enum db_result
note_failure(struct d1 *d, const struct d1_answer *a)
{
	memcpy(d->db.why, a->why, sizeof d->db.why);
	d->db.large = a->large;
	d->db.overtime = false;
	d->db.failed.group = a->rc == DB_REFUSED ? DB_ANYWHERE : DB_NOWHERE;
	return a->rc;
}

/* Sends what is queued, in one transaction. */
static void
send_queue(struct d1 *d, struct d1_answer *a)
{
	struct buf json = {0};

	buf_puts(&json, "{\"batch\":[");
	buf_add(&json, d->queue.p, d->queue.len);
	buf_puts(&json, "]}");
	d1_api_send(&d->api, &json, true, a);
	d->db.requests = d->api.client.requests;
	buf_free(&json);
}

/* Returns false if the result is none. */
static bool
take_result(struct d1 *d, const struct job *job, const struct d1_result *result)
{
	struct d1_row row = {0};
	struct jsonwalk w;
	bool good = true;

	if (job->changed != NULL)
		*job->changed += result->changes;
	if (result->size > 0)
		d->db.size = result->size;
	if (job->row != NULL) {
		good = d1_rows_begin(&w, result->rows);
		while (good && d1_rows_next(&w, &row))
			job->row(job->arg, row.value, row.n);
		good = good && w.why == NULL && !row.bad;
	}
	d1_row_release(&row);
	return good;
}

/* There is a result for each statement. */
static enum db_result
take_results(struct d1 *d, struct d1_answer *a)
{
	struct d1_result result;
	struct jsonwalk w;
	size_t n = 0;

	if (d1_results_begin(&w, a))
		while (d1_results_next(&w, &result) &&
		       (n >= d->n || take_result(d, &d->job[n], &result)))
			n++;
	if (n == d->n)
		return DB_OK;
	a->rc = DB_FAILED;
	snprintf(a->why, sizeof a->why,
	    "the answer is about %zu statements of %zu", n, d->n);
	return note_failure(d, a);
}

static void
empty(struct d1 *d)
{
	buf_clear(&d->queue);
	d->n = d->mark_bytes = d->mark_n = 0;
}

static enum db_result
send_all(struct d1 *d)
{
	struct d1_answer a;
	enum db_result rc;

	if (d->n == 0)
		return DB_OK;
	send_queue(d, &a);
	d->lost = a.rc == DB_AGAIN ? d->lost + 1 : 0;
	rc = a.rc == DB_OK ? take_results(d, &a) : note_failure(d, &a);
	empty(d);
	return rc;
}

static void
add_job(struct d1 *d, const struct query *q, const struct value *value,
    size_t nvalues, struct job job)
{
	if (d->n == d->cap) {
		d->cap = d->cap * 2 + 256;
		d->job = memory_more(d->job, d->cap, sizeof *d->job);
	}
	d->job[d->n++] = job;
	if (d->queue.len > 0)
		buf_putc(&d->queue, ',');
	d1_statement(&d->queue, q->sql, value, nvalues);
}

static enum db_result
d1_run(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed)
{
	struct d1 *d = (struct d1 *)db;

	if (d1_statement_row(value, nvalues) > ROW_MAX) {
		snprintf(db->why, sizeof db->why, "%s", WHY_ROW);
		db->failed = *at;
		db->overtime = false;
		return DB_REFUSED;
	}
	add_job(d, q, value, nvalues, (struct job){.changed = changed});
	return d->in_transaction ? DB_OK : send_all(d);
}

/*
 * In the queue, it is answered with the rest of it.  What is sent twice would
 * find its own rows the second time.
 */
static enum db_result
d1_look(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg)
{
	struct d1 *d = (struct d1 *)db;

	(void)at;
	d->api.options.apart = true;
	add_job(d, q, value, nvalues, (struct job){.row = row, .arg = arg});
	return d->in_transaction ? DB_OK : send_all(d);
}

static enum db_result
d1_answer_question(struct db *db, const struct db_place *at,
    const struct query *q, const struct value *value, size_t nvalues,
    db_row_fn *row, void *arg)
{
	struct d1 *d = (struct d1 *)db;
	enum db_result rc = d1_ask(&d->api, q, value, nvalues, row, arg,
	    &db->size, &db->large, db->why);

	db->failed = *at;
	db->requests = d->api.client.requests;
	return rc;
}

static enum db_result
d1_sync(struct db *db)
{
	(void)db;
	return DB_OK;
}

static enum db_result
d1_begin(struct db *db)
{
	struct d1 *d = (struct d1 *)db;
	int64_t ms = 0;

	if (d->lost > 0)
		ms = (int64_t)LOST_PAUSE_MS << (d->lost < 6 ? d->lost - 1 : 5);
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
	empty(d);
	d->in_transaction = true;
	return DB_OK;
}

static enum db_result
d1_commit(struct db *db)
{
	struct d1 *d = (struct d1 *)db;
	enum db_result rc = send_all(d);

	d->in_transaction = rc != DB_OK;
	return rc;
}

static void
d1_rollback(struct db *db)
{
	struct d1 *d = (struct d1 *)db;

	empty(d);
	d->in_transaction = false;
}

static enum db_result
d1_mark(struct db *db)
{
	struct d1 *d = (struct d1 *)db;

	d->mark_bytes = d->queue.len;
	d->mark_n = d->n;
	return DB_OK;
}

static enum db_result
d1_keep(struct db *db)
{
	(void)db;
	return DB_OK;
}

static enum db_result
d1_undo(struct db *db)
{
	struct d1 *d = (struct d1 *)db;

	d->queue.len = d->mark_bytes;
	d->n = d->mark_n;
	return DB_OK;
}

static bool
d1_is_full(const struct db *db, size_t events)
{
	return events >= BATCH_EVENTS ||
	       ((const struct d1 *)db)->queue.len >= BATCH_BYTES;
}

static void
d1_forget(struct db *db, const struct query *q)
{
	(void)db, (void)q;
}

static void
d1_close(struct db *db)
{
	struct d1 *d = (struct d1 *)db;

	d1_api_release(&d->api);
	buf_free(&d->queue);
	free(d->job);
	free(d);
}

enum db_result
d1_open(
    const char *where, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	bool found = false;
	const char *missing;
	enum db_result rc;
	struct d1 *d;

	*db = NULL;
	if (mode == DB_DRY) {
		snprintf(why, DB_WHY_SIZE,
		    "D1 has no transaction that can be "
		    "taken back: there is no dry run");
		return DB_FAILED;
	}
	if (!libcurl_load(&missing)) {
		snprintf(why, DB_WHY_SIZE, "needs libcurl: %s", missing);
		return DB_FAILED;
	}
	d = memory_new(1, sizeof *d);
	d->db.ops = &d1_ops;
	rc = d1_api_init(&d->api, where, d->db.why);
	if (rc == DB_OK)
		rc = d1_schema(&d->db, mode, &found);
	memcpy(why, d->db.why, DB_WHY_SIZE);
	if (rc == DB_OK && mode == DB_VERIFY && found)
		rc = d1_copy(&d->db, db, why);
	else if (rc == DB_OK && found)
		*db = &d->db;
	if (*db != &d->db)
		d1_close(&d->db);
	return rc == DB_REFUSED ? DB_FAILED : rc;
}

const char *
d1_library(void)
{
	return curl_version();
}

/* libcurl is loaded before; a comparison has its copy in a temporary file. */
void
d1_confine(const char *where, struct confine *c)
{
	const char *why;

	(void)where;
	libcurl_load(&why);
	confine_reads_of_libraries(c);
	confine_links_of_certificates(c);
	confine_path(c, CONFINE_READ, d1_api_token_file());
	sqlite_confine_temporary(c);
}

static const struct db_ops d1_ops = {
    .run = d1_run,
    .ask = d1_answer_question,
    .look = d1_look,
    .sync = d1_sync,
    .begin = d1_begin,
    .commit = d1_commit,
    .rollback = d1_rollback,
    .mark = d1_mark,
    .keep = d1_keep,
    .undo = d1_undo,
    .is_full = d1_is_full,
    .forget = d1_forget,
    .close = d1_close,
    .text_max = TEXT_MAX,
    .at_once = true,
    .ascii = "",
    .arrival = "rowid",
    .system = "cloudflare.d1",
};
