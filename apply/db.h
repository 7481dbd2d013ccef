/* SPDX-License-Identifier: MIT */
#ifndef WOS_DB_H
#define WOS_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A database, as wos-apply needs it.  What wos-apply itself asks is SQL that
 * all databases share; what differs between them is an end, behind db_ops.
 *
 * An end calls none of its callers, and may take a transaction's statements one
 * by one or all at once.  So these rules hold for every caller:
 *
 * - In a transaction, DB_OK from db_run may mean that the statement is on its
 *   way, or in a queue.  If it fails, a later call says so, db_commit at the
 *   latest, and db->failed tells which statement it was.  An end that commits
 *   all or nothing may not know: then it is DB_ANYWHERE.
 * - What a statement has changed is known after db_commit.  Only who takes the
 *   answers of one statement after the other, as a dry run does, has it after
 *   db_sync.
 * - Values are the caller's, and need not stay after the call.
 * - A question is answered at once, perhaps without what is still in the queue:
 *   in a transaction, questions come before the first statement.
 * - Marks do not nest.  In a queue, a mark is a position.
 * - A query is constant, and lives until it is forgotten or the database is
 *   closed: an end keeps what it has prepared by the query's address.
 */

enum value_type { VALUE_NULL, VALUE_INT, VALUE_BOOL, VALUE_TEXT };

struct value {
	enum value_type type;
	int64_t i;        /* of an INT; 0 or 1 of a BOOL */
	const char *text; /* of a TEXT, not NUL-terminated */
	size_t len;
};

struct form;

/* A statement with $1, $2 ... for its values, in that order. */
struct query {
	const char *sql;
	const struct form *form; /* of the stream's: what the check has read */
	/*
	 * It may return all rows of this table.  It ends in ORDER BY then, with
	 * the names of columns that are a key of them, and no blank.
	 */
	const char *rows_of;
	bool whole; /* looks at whole tables: a server may take minutes */
	bool shown; /* wos-apply's own, and a dry run shows what it changes */
};

enum db_result {
	DB_OK,
	DB_REFUSED, /* the statement is at fault: others need not be */
	DB_AGAIN,   /* transient: db_rollback, then the same may work */
	DB_BUSY,    /* another program holds the database: try again later */
	DB_FAILED,  /* the database is at fault: full, corrupt, gone */
};

/* What a result other than DB_OK exits with. */
int db_status(enum db_result rc);

/* The group of what wos-apply does on its own behalf. */
#define DB_NOWHERE ((size_t)-1)

/* The group of a failure that may be any statement's of the transaction. */
#define DB_ANYWHERE ((size_t)-2)

/* Where a statement comes from, in terms of the caller. */
struct db_place {
	size_t group;
	size_t line;
	bool from_stream; /* only row changes run, for a limited time */
};

/* Values in a row; the widest table of the catalogue has 24. */
#define DB_MAX_COLUMNS 64

/* Gets one row of a query.  Its values are valid during the call. */
typedef void db_row_fn(void *arg, const struct value *row, size_t n);

#define DB_WHY_SIZE 512

/*
 * How long a statement of the stream may take, in milliseconds.  The largest
 * that wos-decode writes, the end of a directory with 500,000 users, takes half
 * a second to two seconds; an owner's trigger could take for ever, while no
 * other program can write.
 */
#define DB_STATEMENT_MS 10000
#define DB_WHY_OVERTIME "it takes longer than a statement may"

struct db {
	const struct db_ops *ops;
	char why[DB_WHY_SIZE];  /* the reason of the last failure */
	struct db_place failed; /* and of which statement */
	bool overtime;          /* was that refused for its time? */
	bool dry;               /* is all taken back in the end? */
	bool large;       /* was it more than the database takes at once? */
	int64_t size;     /* in bytes, if its answers tell; or 0 */
	int64_t requests; /* so far, of an end that counts them */
};

/*
 * For a database that passes everything on to `inner`: what that one returned,
 * with the reason, if it is a failure.
 */
enum db_result db_result_of(
    struct db *db, const struct db *inner, enum db_result rc);

/* What db_run and the others below do, for one kind of database. */
struct db_ops {
	enum db_result (*run)(struct db *db, const struct db_place *at,
	    const struct query *q, const struct value *value, size_t nvalues,
	    int64_t *changed);
	enum db_result (*ask)(struct db *db, const struct db_place *at,
	    const struct query *q, const struct value *value, size_t nvalues,
	    db_row_fn *row, void *arg);
	/*
	 * A question in its turn among a transaction's statements, or NULL if
	 * that is `ask`.  Its rows come in that turn, but when the statements
	 * are answered: at db_sync, or at the commit if it is one request.
	 */
	enum db_result (*look)(struct db *db, const struct db_place *at,
	    const struct query *q, const struct value *value, size_t nvalues,
	    db_row_fn *row, void *arg);
	enum db_result (*sync)(struct db *db);
	enum db_result (*begin)(struct db *db);
	enum db_result (*commit)(struct db *db);
	void (*rollback)(struct db *db);
	enum db_result (*mark)(struct db *db);
	enum db_result (*keep)(struct db *db);
	enum db_result (*undo)(struct db *db);
	/* NULL: it has nothing to do at rest */
	enum db_result (*rest)(struct db *db, int64_t *changed);
	/*
	 * NULL: there is no more to do.  What was removed from these tables is
	 * to be in none of the database's files: outside of a transaction, and
	 * it may take as long as copying it does.  DB_BUSY: others keep it.
	 */
	enum db_result (*scrub)(
	    struct db *db, const char *const *table, size_t n);
	/* NULL: the caller's limits do */
	bool (*is_full)(const struct db *db, size_t events);
	void (*forget)(struct db *db, const struct query *q);
	void (*close)(struct db *db);
	size_t text_max; /* bytes of a text that a row can have; 0: any */
	bool at_once;    /* a commit is one request: its answer can be lost */
	const char *arrival; /* what the ledger's rows are in order by */
	/* behind a text in LOWER(): that letters beyond ASCII stay */
	const char *ascii;
	/* tables where a trigger or the commit does more than a statement */
	struct query owners;
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
	DB_VERIFY, /* the same, for lists: a copy of what they are about will do
		    */
};

/*
 * How long to wait, in milliseconds, for another program that writes: longer
 * than a batch takes, shorter than cron's minute.
 */
#define DB_BUSY_MS 10000
extern unsigned db_busy_ms;

/* Say what of an owner's is left as it is? */
extern bool db_verbose;

/* The file with the token of an end that needs one, or NULL. */
extern const char *db_token_file;

void db_close(struct db *db);

/*
 * Runs a statement.  Adds the number of rows that it changes to *changed, which
 * must stay until the transaction ends and may be NULL.  db_run is for
 * wos-apply's own.  Any result but DB_OK leaves the reason in db->why, and the
 * transaction open.
 */
enum db_result db_run(struct db *db, const struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed);
enum db_result db_run_at(struct db *db, const struct db_place *at,
    const struct query *q, const struct value *value, size_t nvalues,
    int64_t *changed);

/* Asks a question: `row` is called for each row that it returns. */
enum db_result db_select(struct db *db, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg);

/* Does it return a row?  *any is valid only after DB_OK. */
enum db_result db_any(struct db *db, const struct query *q,
    const struct value *value, size_t nvalues, bool *any);

/*
 * Waits for the answers to what is on its way, and returns the first failure
 * among them.  What is in a queue stays there.
 */
enum db_result db_sync(struct db *db);

/* Gives back what the database keeps of a query that is about to go. */
void db_forget(struct db *db, const struct query *q);

/*
 * A transaction that will write; it waits for other writers before it reads
 * anything.  db_rollback leaves db->why and db->failed alone.
 */
enum db_result db_begin(struct db *db);
enum db_result db_commit(struct db *db);
void db_rollback(struct db *db);

/*
 * Ends one that went as `rc` says: commits it after DB_OK, and takes it back
 * after all else, db_begin's failure too.  Returns rc, or why it could not be
 * committed: then it is taken back.
 */
enum db_result db_end(struct db *db, enum db_result rc);

/*
 * A part of it that can be taken back alone: mark, then keep or undo.  Who
 * counts changed rows calls db_sync before the mark.
 */
enum db_result db_mark(struct db *db);
enum db_result db_keep(struct db *db);
enum db_result db_undo(struct db *db);

/*
 * No transaction is open, and none is about to begin: the end may do what it
 * does best then.  Rows that this changes are added to *changed.  After DB_BUSY
 * the same may be tried again.
 */
enum db_result db_rest(struct db *db, int64_t *changed);

/* With so many events, is the transaction as large as it may be? */
bool db_is_full(const struct db *db, size_t events);

/* value_text of NULL is a NULL. */
struct value value_text(const char *s);
struct value value_bytes(const char *p, size_t len);
struct value value_int(int64_t i);

/* Copies a text, if it is one that fits and has no NUL; else out is "". */
void value_copy(const struct value *v, char *out, size_t size);

#endif
