/* SPDX-License-Identifier: MIT */
/*
 * One statement at a time, and what the server says to it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mend.h"
#include "pg_exec.h"
#include "pg_wait.h"

/* What PostgreSQL's types are called in results. */
enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT4 = 23 };

/*
 * Adds a text and its NUL.  The server takes UTF-8 only, so every other byte
 * becomes U+FFFD.
 */
static void
add_text(struct buf *out, const char *text, size_t len)
{
	mend_utf8(out, text, len);
	buf_putc(out, '\0');
}

void
pg_params(struct buf *text, const struct value *value, size_t nvalues,
    const char *param[PG_MOST_VALUES])
{
	size_t at[PG_MOST_VALUES];

	if (nvalues > PG_MOST_VALUES)
		log_errx(
		    1, "a statement has more values than %d", PG_MOST_VALUES);
	buf_clear(text);
	for (size_t i = 0; i < nvalues; i++) {
		const struct value *v = &value[i];

		at[i] = text->len;
		if (v->type == VALUE_TEXT)
			add_text(text, v->text, v->len);
		else if (v->type == VALUE_BOOL)
			add_text(text, v->i ? "true" : "false", v->i ? 4 : 5);
		else if (v->type == VALUE_INT) {
			buf_printf(text, "%" PRId64, v->i);
			buf_putc(text, '\0');
		}
	}
	for (size_t i = 0; i < nvalues; i++)
		param[i] = value[i].type != VALUE_NULL ? text->p + at[i] : NULL;
}

static void
send_values(PGconn *conn, const char *sql, const struct value *value,
    size_t nvalues, struct pg_answer *a)
{
	const char *param[PG_MOST_VALUES];
	struct buf text = {0};
	int sent;

	pg_params(&text, value, nvalues, param);
	sent = nvalues > 0 ? pq.sendQueryParams(conn, sql, (int)nvalues, NULL,
				 param, NULL, NULL, 0)
			   : pq.sendQuery(conn, sql);
	if (!sent)
		pg_failed(a, conn, NULL);
	buf_free(&text);
}

/*
 * How many columns the rows of a question of ours have: what stands between
 * SELECT and FROM, divided by commas.
 */
static size_t
count_columns(const char *sql)
{
	size_t n = 1;
	int depth = 0;

	for (const char *p = sql; *p != '\0'; p++) {
		if (*p == '"' || *p == '\'') /* a name or a text */
			p = strchr(p + 1, *p);
		else if (*p == '(')
			depth++;
		else if (*p == ')')
			depth--;
		else if (*p == ',' && depth == 0)
			n++;
		else if (depth == 0 && strncmp(p, " FROM ", 6) == 0)
			break;
		if (p == NULL)
			break;
	}
	return n;
}

static struct value
value_at(const PGresult *res, int column)
{
	const char *text = pq.getvalue(res, 0, column);
	unsigned type = pq.ftype(res, column);

	if (pq.getisnull(res, 0, column))
		return value_text(NULL);
	if (type == OID_INT8 || type == OID_INT4)
		return value_int(strtoll(text, NULL, 10));
	if (type == OID_BOOL)
		return (struct value){.type = VALUE_BOOL, .i = *text == 't'};
	return value_bytes(text, (size_t)pq.getlength(res, 0, column));
}

struct pg_rows
pg_rows_of(const struct query *q, db_row_fn *row, void *arg)
{
	return (struct pg_rows){.columns = count_columns(q->sql),
	    .most = PG_MOST_ROWS,
	    .slow = q->rows_of != NULL,
	    .row = row,
	    .arg = arg};
}

struct pg_answer
pg_give_row(const PGresult *res, const struct pg_rows *rows)
{
	struct pg_answer a = {.rc = DB_OK};
	struct value value[DB_MAX_COLUMNS];
	size_t n = (size_t)pq.nfields(res);

	if (rows == NULL)
		return pg_lie(PG_WHY_UNASKED);
	if (n != rows->columns || n > DB_MAX_COLUMNS) {
		a.rc = DB_FAILED;
		snprintf(a.why, sizeof a.why,
		    "the server sends rows of %zu columns instead of %zu", n,
		    rows->columns);
		return a;
	}
	for (size_t i = 0; i < n; i++)
		value[i] = value_at(res, (int)i);
	rows->row(rows->arg, value, n);
	return a;
}

/* Waits for the next result; NULL after the last, or if there is no answer. */
static PGresult *
next_result(PGconn *conn, struct pg_answer *a)
{
	while (pq.isBusy(conn))
		if (!pg_wait(conn) || !pq.consumeInput(conn)) {
			pg_failed(a, conn, NULL);
			return NULL;
		}
	return pq.getResult(conn);
}

/* Takes a result; once something has failed, what follows is its echo. */
static void
take_result(struct pg_answer *a, PGconn *conn, const PGresult *res,
    const struct pg_rows *rows)
{
	ExecStatusType status = pq.resultStatus(res);

	if (a->rc != DB_OK)
		return;
	if (status == PGRES_SINGLE_TUPLE)
		*a = pg_give_row(res, rows);
	else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		pg_failed(a, conn, res);
}

struct pg_answer
pg_exec(PGconn *conn, const char *sql, const struct value *value,
    size_t nvalues, const struct pg_rows *rows, int64_t ms)
{
	uint64_t most = rows != NULL ? rows->most : PG_MOST_ROWS, n = 0;
	struct pg_answer a = {.rc = DB_OK};
	PGresult *res;

	send_values(conn, sql, value, nvalues, &a);
	if (a.rc != DB_OK)
		return a;
	pq.setSingleRowMode(conn);
	pg_wait_begin(ms);
	while ((res = next_result(conn, &a)) != NULL) {
		take_result(&a, conn, res, rows);
		pq.clear(res);
		if (n++ > most)
			return pg_lie("the server sends rows without end");
		if (a.rc != DB_OK && *a.state == '\0')
			return a; /* a lie: its end may never come */
		if (rows != NULL && rows->slow)
			pg_wait_begin(ms);
	}
	return a;
}

/* Takes the count of a table, for the most rows that it can have. */
static void
take_count(void *arg, const struct value *row, size_t n)
{
	uint64_t *most = arg;

	(void)n;
	if (row[0].type == VALUE_INT && row[0].i > 0)
		*most += (uint64_t)row[0].i;
}

struct pg_answer
pg_ask(PGconn *conn, const struct query *q, const struct value *value,
    size_t nvalues, db_row_fn *row, void *arg)
{
	struct pg_rows rows = pg_rows_of(q, row, arg);
	struct pg_rows count = {
	    .columns = 1, .most = 1, .row = take_count, .arg = &rows.most};
	struct pg_answer a = {.rc = DB_OK};
	struct buf sql = {0};

	if (q->rows_of != NULL) {
		buf_printf(&sql, "SELECT COUNT(*) FROM \"%s\"", q->rows_of);
		a = pg_exec(conn, buf_str(&sql), NULL, 0, &count, PG_TABLES_MS);
		buf_free(&sql);
	}
	if (a.rc != DB_OK)
		return a;
	return pg_exec(conn, q->sql, value, nvalues, &rows,
	    q->rows_of != NULL || q->whole ? PG_TABLES_MS : PG_QUESTION_MS);
}
