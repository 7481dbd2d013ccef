/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "db.h"
#include "status.h"

unsigned db_busy_ms = DB_BUSY_MS;
bool db_verbose;
const char *db_token_file;

static const struct db_place nowhere = {.group = DB_NOWHERE};

int
db_status(enum db_result rc)
{
	return rc == DB_BUSY || rc == DB_AGAIN ? STATUS_RETRY : STATUS_FAILED;
}

enum db_result
db_result_of(struct db *db, const struct db *inner, enum db_result rc)
{
	if (rc != DB_OK) {
		memcpy(db->why, inner->why, sizeof db->why);
		db->failed = inner->failed;
		db->overtime = inner->overtime;
	}
	return rc;
}

void
db_close(struct db *db)
{
	if (db != NULL)
		db->ops->close(db);
}

enum db_result
db_run(struct db *db, const struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed)
{
	return db->ops->run(db, &nowhere, q, value, nvalues, changed);
}

enum db_result
db_run_at(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed)
{
	return db->ops->run(db, at, q, value, nvalues, changed);
}

enum db_result
db_select(struct db *db, const struct query *q, const struct value *value,
    size_t nvalues, db_row_fn *row, void *arg)
{
	return db->ops->ask(db, &nowhere, q, value, nvalues, row, arg);
}

static void
note_row(void *arg, const struct value *row, size_t n)
{
	(void)row;
	(void)n;
	*(bool *)arg = true;
}

enum db_result
db_any(struct db *db, const struct query *q, const struct value *value,
    size_t nvalues, bool *any)
{
	*any = false;
	return db_select(db, q, value, nvalues, note_row, any);
}

enum db_result
db_sync(struct db *db)
{
	return db->ops->sync(db);
}

void
db_forget(struct db *db, const struct query *q)
{
	db->ops->forget(db, q);
}

enum db_result
db_begin(struct db *db)
{
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
}

enum db_result
db_end(struct db *db, enum db_result rc)
{
	if (rc == DB_OK)
		rc = db_commit(db);
	if (rc != DB_OK)
		db_rollback(db);
	return rc;
}

enum db_result
db_mark(struct db *db)
{
	return db->ops->mark(db);
}

enum db_result
db_keep(struct db *db)
{
	return db->ops->keep(db);
}

enum db_result
db_undo(struct db *db)
{
	return db->ops->undo(db);
}

enum db_result
db_rest(struct db *db, int64_t *changed)
{
	return db->ops->rest != NULL ? db->ops->rest(db, changed) : DB_OK;
}

bool
db_is_full(const struct db *db, size_t events)
{
	return db->ops->is_full != NULL && db->ops->is_full(db, events);
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
