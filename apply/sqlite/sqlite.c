/* SPDX-License-Identifier: MIT */
/*
 * SQLite as wos-apply's database: each statement runs at once.
 */
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "sqlite_db.h"
#include "sqlite_look.h"
#include "sqlite_schema.h"
#include "stream/form.h"

enum db_result
sqlite_result(int code)
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
	case SQLITE_INTERRUPT: /* by the guard */
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_TOOBIG:
		return DB_REFUSED;
	default:
		return DB_FAILED;
	}
}

enum db_result
sqlite_failed(struct sqlite *s, const struct db_place *at, int code)
{
	struct db *db = &s->db;

	db->overtime = (code & 0xFF) == SQLITE_INTERRUPT;
	db->failed = *at;
	if (db->overtime)
		snprintf(db->why, sizeof db->why, "%s", DB_WHY_OVERTIME);
	else
		sqlite_why(s->handle, db->why);
	return sqlite_result(code);
}

static int
prepare(struct sqlite *s, const struct query *q, sqlite3_stmt **stmt)
{
	int code;

	*stmt = prepared_find(&s->prepared, q);
	if (*stmt != NULL)
		return SQLITE_OK;
	code = guard_prepare(&s->guard, s->handle, q->sql, stmt);
	if (code == SQLITE_OK)
		prepared_add(&s->prepared, q, *stmt);
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

/* Gets the query ready for its first step. */
static int
start(struct sqlite *s, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, sqlite3_stmt **stmt)
{
	int code;

	guard_set(&s->guard, at->from_stream);
	code = prepare(s, q, stmt);
	return code == SQLITE_OK ? bind(*stmt, value, nvalues) : code;
}

/* After its last one, which returned this code. */
static enum db_result
finish(
    struct sqlite *s, const struct db_place *at, sqlite3_stmt *stmt, int code)
{
	enum db_result rc =
	    code == SQLITE_DONE ? DB_OK : sqlite_failed(s, at, code);

	if (rc != DB_OK && sqlite_reader_disturbed(&s->reader))
		rc = disturbed(s);
	sqlite3_reset(stmt); /* which repeats the code; it does nothing new */
	guard_set(&s->guard, false);
	return rc;
}

static enum db_result
sqlite_ask(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg)
{
	struct sqlite *s = (struct sqlite *)db;
	sqlite3_stmt *stmt;
	int code = start(s, at, q, value, nvalues, &stmt);

	if (code == SQLITE_OK)
		while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
			if (row != NULL)
				give_row(stmt, row, arg);
	return finish(s, at, stmt, code);
}

/* Does it return a row? */
static enum db_result
has_row(struct sqlite *s, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, bool *any)
{
	sqlite3_stmt *stmt;
	int code = start(s, at, q, value, nvalues, &stmt);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	*any = code == SQLITE_ROW;
	return finish(s, at, stmt, *any ? SQLITE_DONE : code);
}

/* Runs a statement that may change rows, and counts them. */
static enum db_result
run(struct sqlite *s, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int *rows)
{
	enum db_result rc =
	    sqlite_ask(&s->db, at, q, value, nvalues, NULL, NULL);

	*rows = sqlite3_changes(s->handle);
	return rc;
}

/*
 * Runs INSERT ... SELECT ... WHERE in two steps.  In one, SQLite would keep a
 * copy of each page that it changes, as if there were more rows, a later one of
 * which might be refused: that took a tenth of wos-apply's own time.
 */
static enum db_result
run_apart(struct sqlite *s, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int *rows)
{
	const struct form *f = q->form;
	bool holds = false;
	sqlite3_stmt *whole;
	enum db_result rc;
	int code = start(s, at, q, NULL, 0, &whole);

	*rows = 0;
	if (code != SQLITE_OK) /* refused, whether the condition holds or not */
		return finish(s, at, whole, code);
	rc = has_row(
	    s, at, &f->condition, value + f->nrow, nvalues - f->nrow, &holds);
	if (holds)
		rc = run(s, at, &f->row, value, f->nrow, rows);
	return rc;
}

static enum db_result
sqlite_run(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed)
{
	struct sqlite *s = (struct sqlite *)db;
	enum db_result rc;
	int rows;

	if (q->form != NULL &&
	    skip_needs_no_run(&s->skip, s->handle, q->form, value, nvalues))
		return DB_OK;
	if (q->form != NULL && s->skip.code != SQLITE_OK)
		return sqlite_failed(s, at, s->skip.code);
	if (q->form != NULL && q->form->condition.sql != NULL)
		rc = run_apart(s, at, q, value, nvalues, &rows);
	else
		rc = run(s, at, q, value, nvalues, &rows);
	if (rc != DB_OK)
		return rc;
	if (q->form != NULL)
		skip_has_run(&s->skip, q->form, rows);
	if (changed != NULL)
		*changed += rows;
	return DB_OK;
}

static enum db_result
sqlite_sync(struct db *db)
{
	struct sqlite *s = (struct sqlite *)db;

	return sqlite_reader_disturbed(&s->reader) ? disturbed(s) : DB_OK;
}

/* A statement that bounds a transaction, or a part of one. */
static enum db_result
bound(struct db *db, size_t group, const char *sql)
{
	struct sqlite *s = (struct sqlite *)db;
	const struct db_place at = {.group = group};
	int code = sqlite3_exec(s->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? DB_OK : sqlite_failed(s, &at, code);
}

static enum db_result
sqlite_begin(struct db *db)
{
	struct sqlite *s = (struct sqlite *)db;
	const struct db_place at = {.group = DB_NOWHERE};
	enum db_result rc = bound(db, DB_NOWHERE, "BEGIN IMMEDIATE");
	int code;

	skip_begin(&s->skip);
	if (rc != DB_OK || !s->skip.loading)
		return rc;
	code = sqlite_schema_is_partial(s->handle, &s->skip.loading);
	if (code == SQLITE_OK)
		return DB_OK;
	rc = sqlite_failed(s, &at, code);
	sqlite_exec(s->handle, "ROLLBACK");
	return rc;
}

static enum db_result
sqlite_commit(struct db *db)
{
	return bound(db, DB_ANYWHERE, "COMMIT");
}

static void
sqlite_rollback(struct db *db)
{
	bound(db, DB_NOWHERE, "ROLLBACK");
}

static enum db_result
sqlite_mark(struct db *db)
{
	return bound(db, DB_NOWHERE, "SAVEPOINT wos");
}

static enum db_result
sqlite_keep(struct db *db)
{
	return bound(db, DB_NOWHERE, "RELEASE wos");
}

static enum db_result
sqlite_undo(struct db *db)
{
	skip_begin(&((struct sqlite *)db)->skip);
	return bound(db, DB_NOWHERE, "ROLLBACK TO wos; RELEASE wos");
}

/* Ends a first load: see sqlite_schema.h. */
static enum db_result
sqlite_rest(struct db *db, int64_t *changed)
{
	struct sqlite *s = (struct sqlite *)db;
	int code, before = sqlite3_total_changes(s->handle);

	if (!s->skip.loading)
		return DB_OK;
	code = sqlite_schema(s->handle, &s->skip.loading, db->why);
	s->skip.loading = code != SQLITE_OK;
	if (code == SQLITE_OK)
		*changed += sqlite3_total_changes(s->handle) - before;
	return sqlite_result(code);
}

/* Has the owner had samples of indexes taken, where SQLite keeps them? */
static int
sample_again(sqlite3 *h)
{
	return sqlite3_table_column_metadata(h, NULL, "sqlite_stat4", NULL,
		   NULL, NULL, NULL, NULL, NULL) == SQLITE_OK
		   ? sqlite_exec(h, "ANALYZE")
		   : SQLITE_OK;
}

/*
 * A file that is made anew has no page that is free, and none of its log is
 * left when it ends.  What SQLite does for that is to attach a file.
 */
static enum db_result
sqlite_scrub(struct db *db, const char *const *table, size_t n)
{
	static const struct db_place nowhere = {.group = DB_NOWHERE};
	struct sqlite *s = (struct sqlite *)db;
	int code;

	(void)table, (void)n; /* the whole file */
	sqlite3_limit(s->handle, SQLITE_LIMIT_ATTACHED, 1);
	code = sample_again(s->handle);
	if (code == SQLITE_OK)
		code = sqlite_exec(s->handle, "VACUUM");
	sqlite3_limit(s->handle, SQLITE_LIMIT_ATTACHED, 0);
	if (code == SQLITE_OK)
		code = sqlite3_wal_checkpoint_v2(
		    s->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return code == SQLITE_OK ? DB_OK : sqlite_failed(s, &nowhere, code);
}

static void
sqlite_forget(struct db *db, const struct query *q)
{
	struct sqlite *s = (struct sqlite *)db;

	sqlite3_finalize(prepared_remove(&s->prepared, q));
	if (q->form != NULL) {
		sqlite3_finalize(
		    prepared_remove(&s->prepared, &q->form->condition));
		sqlite3_finalize(prepared_remove(&s->prepared, &q->form->row));
	}
}

static void
sqlite_close(struct db *db)
{
	struct sqlite *s = (struct sqlite *)db;
	sqlite3_stmt *stmt;

	while (s->handle != NULL &&
	       (stmt = sqlite3_next_stmt(s->handle, NULL)) != NULL)
		sqlite3_finalize(stmt);
	prepared_release(&s->prepared);
	checkpointer_free(s->checkpointer);
	sqlite3_close(s->handle);
	sqlite_reader_release(&s->reader);
	free(s);
}

const struct db_ops sqlite_ops = {
    .run = sqlite_run,
    .ask = sqlite_ask,
    .sync = sqlite_sync,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .mark = sqlite_mark,
    .keep = sqlite_keep,
    .undo = sqlite_undo,
    .rest = sqlite_rest,
    .scrub = sqlite_scrub,
    .forget = sqlite_forget,
    .close = sqlite_close,
    .ascii = "",
    .arrival = "rowid",
    .owners = {.sql = "SELECT DISTINCT lower(\"tbl_name\") FROM "
		      "\"sqlite_master\" WHERE \"type\"='trigger' ORDER BY 1"},
    .system = "sqlite",
};
