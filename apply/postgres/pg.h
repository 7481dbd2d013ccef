/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_H
#define WOS_PG_H

#include "buf.h"
#include "db.h"
#include "libpq.h"

/*
 * PostgreSQL, and what speaks its protocol.  What is used is meant to be what
 * it shares with CockroachDB, YugabyteDB, Citus, Neon and Aurora, though only
 * PostgreSQL itself was run:
 *
 * - the extended protocol with named statements, pipelines, and parameters
 *   whose types the server infers; SAVEPOINT, and SET LOCAL lock_timeout and
 *   statement_timeout;
 * - INSERT ... ON CONFLICT, comparisons of rows, JSONB, and a column GENERATED
 *   BY DEFAULT AS IDENTITY;
 * - COUNT and ROW_NUMBER as window functions, for --status;
 * - information_schema.tables and columns, pg_indexes, pg_class, pg_namespace,
 *   pg_type, current_schema and clock_timestamp; for --dry-run pg_trigger,
 *   pg_rules and pg_constraint;
 * - CREATE TABLE, CREATE INDEX and ALTER TABLE ADD COLUMN, IF NOT EXISTS;
 *   indexes USING spgist.
 *
 * Neither LOCK TABLE nor advisory locks, which some of them lack or ignore:
 * writers take turns by a row of their own.  No triggers, no procedural code,
 * no extensions, no COPY, no LISTEN, no cursors.
 */

/* db_open for a database that a connection string names. */
enum db_result pg_open(const char *where, enum db_mode mode, struct db **db,
    char why[DB_WHY_SIZE]);

/*
 * Connects.  Returns DB_OK with *conn for pq.finish; DB_BUSY if another time
 * may be better, or DB_FAILED, with the reason in `why`.
 */
enum db_result pg_connect(
    const char *where, PGconn **conn, char why[DB_WHY_SIZE]);

/*
 * The class of an error by its SQLSTATE; "" for none, as when the connection
 * is gone.
 */
enum db_result pg_class(const char *sqlstate);

#define PG_STATE_SIZE 6

struct pg_answer {
	enum db_result rc;
	char state[PG_STATE_SIZE]; /* SQLSTATE of the failure, or "" */
	bool overtime;             /* was it refused for its time? */
	char why[DB_WHY_SIZE];
};

/* Fills in what the result, or the connection if it is NULL, has to say. */
void pg_failed(struct pg_answer *a, PGconn *conn, const PGresult *res);

/* The answer of a server that does not keep to the rules, for this reason. */
struct pg_answer pg_lie(const char *why);

/* An error's text, in one line and fit for a terminal. */
void pg_say(char why[DB_WHY_SIZE], const char *text, size_t len);

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

/*
 * Looks at the schema.  *found tells whether it is there.  For DB_WRITE, and
 * for DB_CHANGE where it is, brings it up to the catalogue: makes missing
 * tables and indexes, adds missing columns, drops nothing but old indexes of
 * ours, and writes nothing if there is nothing to do.  All of it is in the
 * first schema of the search path.  What only has a name of ours is somebody
 * else's: refused.  Indexes that can't be made, or dropped, are no failure.
 * Returns DB_OK, or why not, with the reason in `why`.
 */
enum db_result pg_schema(
    PGconn *conn, enum db_mode mode, bool *found, char why[DB_WHY_SIZE]);

#endif
