/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "db.h"
#include "name.h"
#include "sqlite/sqlite.h"
#include "status.h"
#ifndef WITHOUT_POSTGRES
#include "postgres/pg.h"
#endif

unsigned db_busy_ms = DB_BUSY_MS;

int
db_status(enum db_result rc)
{
	return rc == DB_BUSY || rc == DB_AGAIN ? STATUS_RETRY : STATUS_FAILED;
}

enum db_result
db_open(
    const char *where, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	*db = NULL;
	if (name_is_server(where)) {
#ifdef WITHOUT_POSTGRES
		snprintf(why, DB_WHY_SIZE,
		    "this wos-apply was built without PostgreSQL");
		return DB_FAILED;
#else
		return pg_open(where, mode, db, why);
#endif
	}
	return sqlite_open(where, mode, db, why);
}

void
db_close(struct db *db)
{
	if (db != NULL)
		db->ops->close(db);
}

enum db_result
db_run(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed)
{
	return db->ops->run(db, q, value, nvalues, changed, NULL, NULL);
}

enum db_result
db_select(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, db_row_fn *row, void *arg)
{
	return db->ops->run(db, q, value, nvalues, NULL, row, arg);
}

static void
note_row(void *arg, const struct value *row, size_t n)
{
	(void)row;
	(void)n;
	*(bool *)arg = true;
}

enum db_result
db_any(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, bool *any)
{
	*any = false;
	return db_select(db, q, value, nvalues, note_row, any);
}

enum db_result
db_sync(struct db *db)
{
	return db->ops->sync != NULL ? db->ops->sync(db) : DB_OK;
}

enum db_result
db_settle(struct db *db)
{
	return db->ops->settle != NULL ? db->ops->settle(db) : DB_OK;
}

void
db_forget(struct db *db, struct query *q)
{
	if (q->prepared != NULL)
		db->ops->forget(db, q);
}

enum db_result
db_begin(struct db *db)
{
	db->changed_before = db->changed;
	return db->ops->begin(db);
}

enum db_result
db_commit(struct db *db)
{
	return db->ops->commit(db);
}

void
db_rollback(struct db *db)
{
	struct db_place failed = db->failed;
	char why[DB_WHY_SIZE];

	memcpy(why, db->why, sizeof why);
	db->ops->rollback(db);
	memcpy(db->why, why, sizeof why);
	db->failed = failed;
	db->changed = db->changed_before;
}

enum db_result
db_mark(struct db *db)
{
	static struct query q = {.sql = "SAVEPOINT wos"};

	db->changed_marked = db->changed;
	return db_run(db, &q, NULL, 0, NULL);
}

enum db_result
db_keep(struct db *db)
{
	static struct query q = {.sql = "RELEASE SAVEPOINT wos"};

	return db_run(db, &q, NULL, 0, NULL);
}

enum db_result
db_undo(struct db *db)
{
	static struct query q = {.sql = "ROLLBACK TO SAVEPOINT wos"};
	enum db_result rc = db_sync(db);

	if (rc == DB_OK || rc == DB_REFUSED) /* what goes may have failed */
		rc = db_run(db, &q, NULL, 0, NULL);
	db->changed = db->changed_marked;
	return rc == DB_OK ? db_keep(db) : rc;
}

struct value
value_bytes(const char *p, size_t len)
{
	return (struct value){.type = VALUE_TEXT, .text = p, .len = len};
}

struct value
value_text(const char *s)
{
	return s ? value_bytes(s, strlen(s)) : (struct value){0};
}

struct value
value_int(int64_t i)
{
	return (struct value){.type = VALUE_INT, .i = i};
}

void
value_copy(const struct value *v, char *out, size_t size)
{
	bool fits = v->type == VALUE_TEXT && v->len < size &&
		    memchr(v->text, '\0', v->len) == NULL;

	if (fits)
		memcpy(out, v->text, v->len);
	out[fits ? v->len : 0] = '\0';
}
