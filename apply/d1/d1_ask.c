/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "d1_ask.h"
#include "d1_statement.h"
#include "log.h"

/*
 * Rows of the first page; then so many as make an answer of this size, half or
 * twice as many.  One that is larger than an answer may be is asked for again.
 */
#define PAGE_ROWS 256
#define PAGE_ROWS_MOST 16384
#define PAGE_BYTES ((size_t)2 << 20)

#define FROM " FROM "
#define WHERE " WHERE "
#define ORDER " ORDER BY "

struct question {
	struct d1_api *api;
	db_row_fn *row;
	void *arg;
	int64_t *size;
	char *why;
	struct d1_row at;   /* the row at hand, at last the page's last */
	struct d1_row next; /* and the one to come */
	size_t rows;        /* of the page */
	size_t hidden;      /* columns that are not the caller's */
	bool large;         /* the answer would be */
};

static enum db_result
not_rows(struct question *q)
{
	snprintf(q->why, DB_WHY_SIZE, "the answer has no rows");
	return DB_FAILED;
}

static enum db_result
give_rows(struct question *q, const struct d1_answer *a)
{
	struct d1_result result;
	struct jsonwalk results, rows;

	if (!d1_results_begin(&results, a) ||
	    !d1_results_next(&results, &result) ||
	    !d1_rows_begin(&rows, result.rows))
		return not_rows(q);
	if (result.size > 0)
		*q->size = result.size;
	for (q->rows = 0; d1_rows_next(&rows, &q->next); q->rows++) {
		struct d1_row before = q->at;

		q->at = q->next;
		q->next = before;
		if (q->at.n < q->hidden)
			return not_rows(q);
		q->row(q->arg, q->at.value, q->at.n - q->hidden);
	}
	return rows.why == NULL && !q->next.bad ? DB_OK : not_rows(q);
}

/*
 * Without a table a question fails as one that is refused: an older schema
 * lacks it.
 */
static enum db_result
ask(struct question *q, const char *sql, const struct value *value,
    size_t nvalues)
{
	struct buf json = {0};
	struct d1_answer a;

	d1_statement(&json, sql, value, nvalues);
	d1_api_send(q->api, &json, false, &a);
	buf_free(&json);
	q->large = a.large && q->api->request->answer != ANSWER_LATER;
	if (a.rc == DB_OK)
		return give_rows(q, &a);
	memcpy(q->why, a.why, DB_WHY_SIZE);
	return a.rc == DB_FAILED && strstr(a.why, "no such table") != NULL
		   ? DB_REFUSED
		   : a.rc;
}

/* The SQL of a page: the columns of the order come last in its rows. */
static void
make_page(struct buf *sql, const char *text, size_t nvalues, size_t nkeys,
    bool first, size_t rows)
{
	const char *from = strstr(text, FROM), *order = strstr(text, ORDER),
		   *where = strstr(text, WHERE), *more;

	while ((more = strstr(order + 1, ORDER)) != NULL)
		order = more;
	where = where != NULL && where < order ? where : order;
	buf_clear(sql);
	buf_add(sql, text, (size_t)(from - text));
	buf_printf(sql, ",%s", order + strlen(ORDER));
	buf_add(sql, from, (size_t)(where - from));
	if (!first) {
		buf_printf(sql, WHERE "(%s)>(", order + strlen(ORDER));
		for (size_t i = 1; i <= nkeys; i++)
			buf_printf(
			    sql, "%s$%zu", i > 1 ? "," : "", nvalues + i);
		buf_putc(sql, ')');
	}
	if (where < order) {
		buf_puts(sql, first ? WHERE : " AND ");
		buf_putc(sql, '(');
		where += strlen(WHERE);
		buf_add(sql, where, (size_t)(order - where));
		buf_putc(sql, ')');
	}
	buf_printf(sql, "%s LIMIT %zu", order, rows);
	buf_str(sql);
}

static size_t
count_keys(const char *sql)
{
	size_t n = 1;

	for (const char *p = strrchr(sql, ' '); *p != '\0'; p++)
		n += *p == ',';
	return n;
}

/* The next page of so many rows, after the last row. */
static enum db_result
ask_page(struct question *q, const char *text, const struct value *value,
    size_t nvalues, bool first, size_t rows)
{
	struct value all[DB_MAX_COLUMNS * 2];
	struct buf sql = {0};
	enum db_result rc;

	if (nvalues > 0)
		memcpy(all, value, nvalues * sizeof *value);
	if (!first)
		memcpy(all + nvalues, q->at.value + q->at.n - q->hidden,
		    q->hidden * sizeof *all);
	make_page(&sql, text, nvalues, q->hidden, first, rows);
	rc = ask(q, sql.p, all, nvalues + (first ? 0 : q->hidden));
	buf_free(&sql);
	return rc;
}

static enum db_result
ask_pages(struct question *q, const struct query *query,
    const struct value *value, size_t nvalues)
{
	size_t rows = PAGE_ROWS, got;
	bool first = true, last = false;
	enum db_result rc = DB_OK;

	q->hidden = count_keys(query->sql);
	while (rc == DB_OK && !last) {
		q->api->divisible = rows > 1;
		rc = ask_page(q, query->sql, value, nvalues, first, rows);
		if (q->large && rows > 1) {
			rows /= 2;
			rc = DB_OK;
			continue;
		}
		last = q->rows < rows;
		first = false;
		got = q->api->request->body.len;
		if (got > 2 * PAGE_BYTES && rows > 1)
			rows /= 2;
		else if (got < PAGE_BYTES / 2 && rows < PAGE_ROWS_MOST)
			rows *= 2;
	}
	q->api->divisible = false;
	return rc;
}

static void
ignore(void *arg, const struct value *row, size_t n)
{
	(void)arg, (void)row, (void)n;
}

enum db_result
d1_ask(struct d1_api *api, const struct query *query, const struct value *value,
    size_t nvalues, db_row_fn *row, void *arg, int64_t *size, bool *large,
    char why[DB_WHY_SIZE])
{
	struct question q = {.api = api,
	    .row = row != NULL ? row : ignore,
	    .arg = arg,
	    .size = size,
	    .why = why};
	enum db_result rc = query->rows_of != NULL
				? ask_pages(&q, query, value, nvalues)
				: ask(&q, query->sql, value, nvalues);

	*large = q.large;
	d1_row_release(&q.at);
	d1_row_release(&q.next);
	return rc;
}
