/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "checkpoint.h"
#include "clock.h"
#include "log.h"
#include "stream/skip.h"
#include "sqlite.h"
#include "sqlite_read.h"

/*
 * Measured with test/bench/generate's 200,000 events, which become 190 MB, in
 * batches of 1,000: SQLite's own cache of 2 MiB cost 2.8 s in the kernel, 8 MiB
 * and more 1.5 s; after another 1,800,000 events the same number cost 6.3 s
 * there with 8 MiB, and 4.4 s with 32 MiB.  Pages are of SQLite's 4 KiB:
 * 2,000,000 events took 30 to 33 s with these, as with 2, 8 and 16 KiB.
 */
#define CACHE_KIB "32768"

/* While indexes may be made: to sort, SQLite takes as much again. */
#define CACHE_SORTING_KIB "8192"

/* Between two tries where SQLite itself does not wait, in milliseconds. */
#define BUSY_PAUSE_MS 10

/* Of a file that is made: people's data, for its owner and who shares a group.
 */
#define FILE_MODE 0640

struct sqlite {
	struct db db;
	sqlite3 *handle;
	struct checkpointer *checkpointer; /* if it is written to */
	bool foreign;                      /* is the statement the stream's? */
	bool alone;                        /* and nothing of a trigger in it? */
	int64_t until; /* when its time is over, on the clock of time_ticks */
	bool inside;   /* has it something that may be a trigger's? */
	bool partial;  /* is it a first load? */
	bool landed;   /* has the stream's last statement changed rows? */
	struct reader reader; /* if it is only read */
};

static const struct db_ops sqlite_ops;

static enum db_result
result_of(int code)
{
	switch (code & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return DB_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DB_BUSY;
	case SQLITE_ERROR:
	case SQLITE_AUTH:
	case SQLITE_CONSTRAINT:
	case SQLITE_INTERRUPT: /* by is_overtime */
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_TOOBIG:
		return DB_REFUSED;
	default:
		return DB_FAILED;
	}
}

static enum db_result
failed(struct sqlite *s, int code)
{
	snprintf(s->db.why, sizeof s->db.why, "%s", sqlite3_errmsg(s->handle));
	s->db.failed = s->db.here;
	s->db.overtime = (code & 0xFF) == SQLITE_INTERRUPT;
	if (s->db.overtime)
		snprintf(s->db.why, sizeof s->db.why, "%s", DB_WHY_OVERTIME);
	return result_of(code);
}

int
sqlite_exec(sqlite3 *handle, const char *sql)
{
	return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

/* The functions that a row change may call: its own, and a default's. */
static bool
is_function_allowed(const char *name)
{
	return strcmp(name, "coalesce") == 0 || strcmp(name, "julianday") == 0;
}

/*
 * A second lock behind the check of a statement's shape, set while one of the
 * stream's runs: rows of the catalogue's tables, and nothing else.  What a
 * trigger of the database's owner does is the owner's business; but what is
 * called a trigger here may also be a name that the statement itself has given
 * to a query in it.
 */
static int
authorize(void *arg, int action, const char *a, const char *b,
    const char *database, const char *trigger)
{
	struct sqlite *s = arg;
	const struct table *t;

	(void)database;
	if (!s->foreign)
		return SQLITE_OK;
	if (trigger != NULL && !s->alone) {
		s->inside = true;
		return SQLITE_OK;
	}
	switch (action) {
	case SQLITE_SELECT:
		return SQLITE_OK;
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_READ:
		t = catalogue_table(a);
		return t != NULL && !t->is_private ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_FUNCTION:
		return is_function_allowed(b) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

/* Steps of SQLite's machine between two looks at the clock: a millisecond. */
#define STEPS 50000

/* For sqlite3_progress_handler: is a statement of the stream to end? */
static int
is_overtime(void *arg)
{
	const struct sqlite *s = arg;

	return s->foreign && time_ticks() > s->until;
}

static int
prepare_one(struct sqlite *s, const char *sql, sqlite3_stmt **stmt)
{
	return sqlite3_prepare_v3(
	    s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
}

/*
 * The stream's: within a limit that an owner's views need not keep.  The depth
 * of an expression is left at SQLite's 1000, which triggers must keep as well.
 */
static int
prepare_foreign(struct sqlite *s, const char *sql, sqlite3_stmt **stmt)
{
	const int limit = SQLITE_LIMIT_COMPOUND_SELECT;
	int usual = sqlite3_limit(s->handle, limit, 4);
	int code = prepare_one(s, sql, stmt);

	sqlite3_limit(s->handle, limit, usual);
	return code;
}

/* Would the statement be allowed if it set off no trigger? */
static int
check_alone(struct sqlite *s, const char *sql)
{
	sqlite3_stmt *stmt;
	int code;

	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	s->alone = true;
	code = prepare_one(s, sql, &stmt);
	sqlite3_finalize(stmt);
	s->alone = false;
	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	return code;
}

static int
prepare_query(struct sqlite *s, struct query *q)
{
	sqlite3_stmt *stmt;
	int code;

	if (q->prepared != NULL)
		return SQLITE_OK;
	s->inside = false;
	code = q->foreign ? prepare_foreign(s, q->sql, &stmt)
			  : prepare_one(s, q->sql, &stmt);
	if (code == SQLITE_OK && s->inside)
		code = check_alone(s, q->sql);
	if (code == SQLITE_OK)
		q->prepared = stmt;
	else
		sqlite3_finalize(stmt);
	return code;
}

static int
bind(sqlite3_stmt *stmt, const struct value *value, size_t n)
{
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < n; i++) {
		const struct value *v = &value[i];
		int at = (int)i + 1;

		if (v->type == VALUE_NULL)
			code = sqlite3_bind_null(stmt, at);
		else if (v->type == VALUE_TEXT)
			code = sqlite3_bind_text64(stmt, at, v->text, v->len,
			    SQLITE_STATIC, SQLITE_UTF8);
		else
			code = sqlite3_bind_int64(stmt, at, v->i);
	}
	return code;
}

static void
give_row(sqlite3_stmt *stmt, db_row_fn *row, void *arg)
{
	struct value value[DB_MAX_COLUMNS];
	int n = sqlite3_column_count(stmt);

	if (n > DB_MAX_COLUMNS)
		log_errx(1, "%s: more columns than %d", sqlite3_sql(stmt),
		    DB_MAX_COLUMNS);
	for (int i = 0; i < n; i++)
		switch (sqlite3_column_type(stmt, i)) {
		case SQLITE_NULL:
			value[i] = value_text(NULL);
			break;
		case SQLITE_INTEGER:
			value[i] = value_int(sqlite3_column_int64(stmt, i));
			break;
		default:
			value[i] = value_bytes(
			    (const char *)sqlite3_column_text(stmt, i),
			    (size_t)sqlite3_column_bytes(stmt, i));
		}
	row(arg, value, (size_t)n);
}

/* What has been read may be wrong. */
static enum db_result
disturbed(struct sqlite *s)
{
	snprintf(s->db.why, sizeof s->db.why,
	    "another program has begun to write to it");
	return DB_BUSY;
}

static enum db_result
sqlite_run(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed, db_row_fn *row, void *arg)
{
	struct sqlite *s = (struct sqlite *)db;
	sqlite3_stmt *stmt;
	enum db_result rc;
	int code;

	if ((s->partial && skip_cascade(db, q, value, nvalues)) ||
	    (s->landed && skip_note(db, q, value))) {
		if (changed != NULL)
			*changed = 0;
		return DB_OK;
	}
	s->foreign = q->foreign;
	s->until = q->foreign ? time_ticks() + DB_STATEMENT_MS : 0;
	code = prepare_query(s, q);
	stmt = q->prepared;
	if (code == SQLITE_OK)
		code = bind(stmt, value, nvalues);
	if (code == SQLITE_OK)
		while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
			if (row != NULL)
				give_row(stmt, row, arg);
	if (code == SQLITE_DONE && changed != NULL)
		*changed = sqlite3_changes(s->handle);
	s->landed = false;
	if (code == SQLITE_DONE && q->foreign) {
		s->landed = sqlite3_changes(s->handle) > 0;
		db_count(db, &db->here, sqlite3_changes(s->handle));
	}
	rc = code == SQLITE_DONE ? DB_OK : failed(s, code);
	if (rc != DB_OK && sqlite_reader_disturbed(&s->reader))
		rc = disturbed(s);
	sqlite3_reset(stmt); /* which repeats the code; it does nothing new */
	s->foreign = false;
	return rc;
}

static enum db_result
sqlite_sync(struct db *db)
{
	struct sqlite *s = (struct sqlite *)db;

	return sqlite_reader_disturbed(&s->reader) ? disturbed(s) : DB_OK;
}

static void
sqlite_forget(struct db *db, struct query *q)
{
	(void)db;
	sqlite3_finalize(q->prepared);
	q->prepared = NULL;
}

static void
sqlite_close(struct db *db)
{
	struct sqlite *s = (struct sqlite *)db;
	sqlite3_stmt *stmt;

	while (s->handle != NULL &&
	       (stmt = sqlite3_next_stmt(s->handle, NULL)) != NULL)
		sqlite3_finalize(stmt);
	checkpointer_free(s->checkpointer);
	sqlite3_close(s->handle);
	sqlite_reader_release(&s->reader);
	free(s);
}

/*
 * WAL lets readers go on while a batch is written.  Of two programs that
 * change the mode of a file at once SQLite makes neither wait: it fails one.
 */
static int
enter_wal(sqlite3 *h)
{
	int64_t until = time_ticks() + db_busy_ms;
	int code;

	while (code = sqlite_exec(h, "PRAGMA journal_mode = WAL"),
	    (code & 0xFF) == SQLITE_BUSY && time_ticks() < until)
		sqlite3_sleep(BUSY_PAUSE_MS);
	return code;
}

/* Brings the schema up to date, and makes a first load begin, or end. */
static int
follow_schema(struct sqlite *s)
{
	int code;

	code =
	    sqlite_exec(s->handle, "PRAGMA cache_size = -" CACHE_SORTING_KIB);
	if (code != SQLITE_OK)
		failed(s, code);
	else
		code = sqlite_schema(s->handle, &s->partial, s->db.why);
	sqlite_exec(s->handle, "PRAGMA cache_size = -" CACHE_KIB);
	return code;
}

/*
 * What a statement could use against its database, or the database against
 * who opens it.  A name that no table has is an error, not a text in quotes.
 */
static void
confine(sqlite3 *h)
{
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
}

/*
 * NORMAL may lose the last batches when the power fails, but never a batch
 * without its cursor: the next run fetches them again.
 */
static int
configure(struct sqlite *s)
{
	sqlite3 *h = s->handle;
	int code;

	sqlite3_extended_result_codes(h, 1);
	code = enter_wal(h);
	if (code == SQLITE_OK)
		sqlite_keep_log(h);
	if (code == SQLITE_OK)
		code = sqlite_exec(h, "PRAGMA synchronous = NORMAL;"
				      "PRAGMA foreign_keys = OFF");
	if (code != SQLITE_OK)
		failed(s, code);
	else
		code = follow_schema(s);
	if (code == SQLITE_OK)
		s->checkpointer = checkpointer_new(h);
	return code;
}

static bool
is_absent(const char *path)
{
	return access(path, F_OK) == -1 && errno == ENOENT;
}

/*
 * SQLite makes files that everyone may read, and its log with the mode of the
 * database.  A file that is there keeps its mode.
 */
static void
make_private(const char *path)
{
	int fd;

	if (!is_absent(path))
		return;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (fd != -1) /* or SQLite says why not */
		close(fd);
}

/* Gets a database that is open ready to be used. */
static int
prepare(struct sqlite *s, enum db_mode mode)
{
	bool current = true;
	int code = SQLITE_OK;

	if (mode == DB_WRITE || mode == DB_CHANGE)
		return configure(s);
	if (mode == DB_DRY)
		code = sqlite_schema_is_current(s->handle, &current);
	if (code != SQLITE_OK)
		failed(s, code);
	if (code != SQLITE_OK || current)
		return code;
	snprintf(s->db.why, sizeof s->db.why, "%s", DB_WHY_DRY);
	return SQLITE_ERROR;
}

enum db_result
sqlite_open(
    const char *path, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	int flags = SQLITE_OPEN_READWRITE;
	bool empty = mode == DB_DRY && is_absent(path);
	enum db_result rc;
	struct sqlite *s;
	int code;

	*db = NULL;
	if ((mode == DB_READ || mode == DB_CHANGE) && is_absent(path))
		return DB_OK;
	if (empty && sqlite_can_make(path)) {
		path = ""; /* a file that is gone when it is closed */
		mode = DB_WRITE;
	}
	if (mode == DB_WRITE)
		flags |= SQLITE_OPEN_CREATE;
	if (mode == DB_WRITE && *path != '\0')
		make_private(path);
	sqlite_take_over(path);
	if (mode == DB_WRITE || mode == DB_CHANGE)
		sqlite_follow_mode(path);
	if ((s = calloc(1, sizeof *s)) == NULL)
		log_err(1, NULL);
	s->db.ops = &sqlite_ops;
	/*
	 * A connection is used by one thread alone.  Its mutexes and statistics
	 * took a tenth of SQLite's instructions.
	 */
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (mode == DB_READ)
		code = sqlite_open_to_read(
		    path, &s->handle, &s->reader, s->db.why);
	else
		code = sqlite3_open_v2(path, &s->handle, flags, NULL);
	if (code != SQLITE_OK && mode != DB_READ)
		failed(s, code);
	if (code == SQLITE_OK) {
		sqlite3_busy_timeout(s->handle, (int)db_busy_ms);
		confine(s->handle);
		code = prepare(s, mode);
	}
	if (code == SQLITE_OK && empty) /* a dry run puts nothing off */
		code = follow_schema(s);
	if (code == SQLITE_OK) {
		sqlite3_set_authorizer(s->handle, authorize, s);
		sqlite3_progress_handler(s->handle, STEPS, is_overtime, s);
		*db = &s->db;
		return DB_OK;
	}
	snprintf(why, DB_WHY_SIZE, "%s", s->db.why);
	sqlite_close(&s->db);
	rc = result_of(code);
	return rc == DB_REFUSED && mode != DB_DRY ? DB_FAILED : rc;
}

/*
 * Makes the indexes that the first load did without.  An index that grows by
 * rows in any order has a page of its own rewritten for nearly each of them.
 */
static enum db_result
sqlite_settle(struct db *db)
{
	struct sqlite *s = (struct sqlite *)db;
	int code, before = sqlite3_total_changes(s->handle);

	if (!s->partial)
		return DB_OK;
	code = follow_schema(s);
	s->partial = code != SQLITE_OK;
	if (code == SQLITE_OK) {
		db->changed += sqlite3_total_changes(s->handle) - before;
		db->unsettled = false;
	}
	return result_of(code);
}

static enum db_result
sqlite_begin(struct db *db)
{
	static struct query q = {.sql = "BEGIN IMMEDIATE"};
	struct sqlite *s = (struct sqlite *)db;
	enum db_result rc = db_run(db, &q, NULL, 0, NULL);
	int code;

	if (rc != DB_OK || !s->partial)
		return rc;
	code = sqlite_schema_is_partial(s->handle, &s->partial);
	db->unsettled = s->partial;
	if (code == SQLITE_OK)
		return DB_OK;
	rc = failed(s, code);
	db_rollback(db);
	return rc;
}

static enum db_result
sqlite_commit(struct db *db)
{
	static struct query q = {.sql = "COMMIT"};

	return db_run(db, &q, NULL, 0, NULL);
}

static void
sqlite_rollback(struct db *db)
{
	static struct query q = {.sql = "ROLLBACK"};

	db_run(db, &q, NULL, 0, NULL);
}

static const struct db_ops sqlite_ops = {
    .run = sqlite_run,
    .sync = sqlite_sync,
    .settle = sqlite_settle,
    .forget = sqlite_forget,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .export = "SELECT \"event_payload\",\"event_id\" FROM \"events_cursor\" "
	      "ORDER BY rowid",
    .owners = "SELECT DISTINCT lower(\"tbl_name\") FROM \"sqlite_master\" "
	      "WHERE \"type\"='trigger' ORDER BY 1",
    .system = "sqlite",
};
