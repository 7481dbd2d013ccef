/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_EXEC_H
#define WOS_PG_EXEC_H

#include "buf.h"
#include "db.h"
#include "libpq.h"
#include "pg_answer.h"

/* Values of a statement; the stream's have fewer. */
#define PG_MOST_VALUES 128

/*
 * Makes the values texts, for libpq's functions; they are in `text` and stay
 * until that changes.
 */
void pg_params(struct buf *text, const struct value *value, size_t nvalues,
    const char *param[PG_MOST_VALUES]);

/*
 * The most rows of an answer of which the number is not known before: a schema
 * has tens of thousands of columns, if it has the owner's tables, too.
 */
#define PG_MOST_ROWS UINT64_C(1000000)

/* What a server says that returns rows where there are none. */
#define PG_WHY_UNASKED "the server sends rows that nobody asked for"

/* The rows that a statement is to return. */
struct pg_rows {
	size_t columns;
	uint64_t most;  /* more are a lie */
	bool slow;      /* is the time for each of them, not for all? */
	db_row_fn *row; /* is called for each */
	void *arg;
};

/* Of a question whose rows may not be those of whole tables. */
struct pg_rows pg_rows_of(const struct query *q, db_row_fn *row, void *arg);

/* Gives the row of a result to who has asked, which may be nobody. */
struct pg_answer pg_give_row(const PGresult *res, const struct pg_rows *rows);

/*
 * Outside of a pipeline: runs one statement, or several without values, and
 * waits for the result for so many milliseconds.  NULL for `rows` is for what
 * returns none.  After a failure without a SQLSTATE the connection is of no
 * more use.
 */
struct pg_answer pg_exec(PGconn *conn, const char *sql,
    const struct value *value, size_t nvalues, const struct pg_rows *rows,
    int64_t ms);

/*
 * Asks a question: each of its rows is given to `row`.  Where they may be all
 * of a table, they are counted before; while they come, others may add some.
 */
struct pg_answer pg_ask(PGconn *conn, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg);

#endif
