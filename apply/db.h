/* SPDX-License-Identifier: MIT */
#ifndef WOS_DB_H
#define WOS_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A database, as wos-apply needs it.  What wos-apply itself asks is SQL that
 * all databases share; what differs between them is behind db_ops.
 */

enum value_type { VALUE_NULL, VALUE_INT, VALUE_BOOL, VALUE_TEXT };

struct value {
	enum value_type type;
	int64_t i;        /* of an INT; 0 or 1 of a BOOL */
	const char *text; /* of a TEXT, not NUL-terminated */
	size_t len;
};

/*
 * A statement with $1, $2 ... for its values, in that order.  A database
 * prepares it on first use and keeps what it made of it here, until it is
 * closed or the query is forgotten.
 */
struct query {
	const char *sql;
	const char *cascade; /* the table whose descendants it takes along */
	const char *counted; /* counts all rows of a table it may return */
	void *prepared;      /* the database's */
	bool foreign;        /* comes from the stream: only row changes run */
	bool told;           /* does not, but a dry run tells what it changes */
	bool note;  /* is it what follows a child's upsert, about orphans? */
	bool whole; /* looks at whole tables: a server may take minutes */
};

enum db_result {
	DB_OK,
	DB_REFUSED, /* the statement is at fault: others need not be */
	DB_AGAIN,   /* nobody is: db_rollback, then the same once more may do */
	DB_BUSY,    /* another program holds the database: try again later */
	DB_FAILED,  /* the database is at fault: full, corrupt, gone */
};

/* What a result other than DB_OK exits with. */
int db_status(enum db_result rc);

/* Where the caller is in what it reads, in terms of its own. */
struct db_place {
	size_t group;
	size_t line;
	int64_t
	    *changed; /* the stream's rows are counted there, too; or NULL */
};

/* Values in a row; the widest table of the catalogue has 24. */
#define DB_MAX_COLUMNS 64

/* Gets one row of a query.  Its values are valid during the call. */
typedef void db_row_fn(void *arg, const struct value *row, size_t n);

#define DB_WHY_SIZE 512

/*
 * How long a statement of the stream may take, in milliseconds.  The largest
 * that wos-decode writes, the end of a directory with 500,000 users, takes half
 * a second to two seconds; of others' statements one could join
 * whole tables for ever, while no other program can write.
 */
#define DB_STATEMENT_MS 10000
#define DB_WHY_OVERTIME "it takes longer than a statement may"

struct db {
	const struct db_ops *ops;
	char why[DB_WHY_SIZE]; /* the reason of the last failure */
	struct db_place here;  /* set by the caller, before it runs something */
	struct db_place failed; /* what `here` was for what failed last */
	bool overtime;          /* was what failed last refused for its time? */
	bool unsettled; /* has it put off something, for db_settle to do? */
	bool dry;       /* is all taken back in the end? */
	/*
	 * Rows that statements of the stream have changed, less those that
	 * were taken back: exact once db_commit or db_sync has said DB_OK.
	 */
	int64_t changed;
	int64_t changed_before; /* the transaction at hand */
	int64_t changed_marked; /* when db_mark was called */
};

struct db_ops {
	enum db_result (*run)(struct db *db, struct query *q,
	    const struct value *value, size_t nvalues, int64_t *changed,
	    db_row_fn *row, void *arg);
	enum db_result (*sync)(struct db *db);   /* NULL: nothing is put off */
	enum db_result (*settle)(struct db *db); /* NULL: nor is that */
	void (*forget)(struct db *db, struct query *q);
	void (*close)(struct db *db);
	enum db_result (*begin)(struct db *db);
	enum db_result (*commit)(struct db *db);
	void (*rollback)(struct db *db);
	const char *export; /* the ledger's lines in the order applied */
	/* tables where a trigger or the commit does more than a statement */
	const char *owners;
	const char *system; /* what OpenTelemetry calls it */
};

/* Why a dry run can't be had: DB_REFUSED. */
#define DB_WHY_DRY                                                             \
	"its tables would have to be made or extended first: what would "      \
	"change can't be known"

enum db_mode {
	DB_WRITE,  /* make the database if there is none, and its schema */
	DB_CHANGE, /* the same, but there must be one */
	DB_READ,   /* as it is */
	DB_DRY,    /* to be written and taken back; nothing is made */
};

/*
 * How long to wait, in milliseconds, for another program that writes: longer
 * than a batch takes, shorter than cron's minute.
 */
#define DB_BUSY_MS 10000
extern unsigned db_busy_ms;

/*
 * Opens the database that `where` names, which name_init has not refused.
 * Returns DB_OK with *db for
 * db_close; or DB_OK with *db NULL if it does not exist and was only to be
 * read or changed; or why it can't be opened, with the reason in `why`.
 * DB_REFUSED is for DB_DRY alone: its tables would have to be made first.
 */
enum db_result db_open(const char *where, enum db_mode mode, struct db **db,
    char why[DB_WHY_SIZE]);
void db_close(struct db *db);

/*
 * Runs a statement.  *changed is the number of rows that it changed; `row` is
 * called for each row that it returns; either may be NULL.  Any result but
 * DB_OK leaves the reason in db->why, and the transaction open.
 *
 * A server is not waited for after each statement.  Where there is neither
 * `changed` nor `row` to be filled, DB_OK may only mean that the statement is
 * on its way; if it fails, a later call says so, the next db_sync, db_commit
 * or question at the latest.  db->failed tells which of them it was.
 */
enum db_result db_run(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed);
enum db_result db_select(struct db *db, struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg);

/* The same for *any: does it return a row?  To be believed after DB_OK. */
enum db_result db_any(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, bool *any);

/* Waits for what is on its way, and returns the first failure in it. */
enum db_result db_sync(struct db *db);

/*
 * The stream is quiet or at its end, and no transaction is open: time for what
 * a first load is quicker without.  After DB_BUSY or another failure it is
 * still to be done: by the next call, or when the database is opened again.
 */
enum db_result db_settle(struct db *db);

/* Gives back what the database keeps of a query that is about to go. */
void db_forget(struct db *db, struct query *q);

/* A statement of the stream, which was run there, has changed so many rows. */
static inline void
db_count(struct db *db, const struct db_place *place, int64_t rows)
{
	db->changed += rows;
	if (place->changed != NULL)
		*place->changed += rows;
}

/*
 * A transaction that will write; it waits for other writers before it reads
 * anything.  db_rollback leaves db->why and db->failed alone.
 */
enum db_result db_begin(struct db *db);
enum db_result db_commit(struct db *db);
void db_rollback(struct db *db);

/*
 * A part of it that can be taken back alone: mark, then keep or undo.  What
 * was sent before db_mark is to be answered, by db_sync, for db->changed to be
 * right after db_undo.
 */
enum db_result db_mark(struct db *db);
enum db_result db_keep(struct db *db);
enum db_result db_undo(struct db *db);

/* value_text of NULL is a NULL. */
struct value value_text(const char *s);
struct value value_bytes(const char *p, size_t len);
struct value value_int(int64_t i);

/* Copies a text, if it is one that fits and has no NUL; else out is "". */
void value_copy(const struct value *v, char *out, size_t size);

#endif
