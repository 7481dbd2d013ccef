/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "dry.h"
#include "dry_change.h"
#include "dry_tell.h"
#include "log.h"

/* A row, copied: a text's bytes are in `text`, where `at` says. */
struct row {
	bool found;
	struct value value[DB_MAX_COLUMNS];
	size_t at[DB_MAX_COLUMNS];
	struct buf text;
};

struct dry {
	struct db db;
	struct db *inner;
	FILE *out;
	struct told told;     /* what goes out once the batch is whole */
	size_t mark;          /* how much of it was there before the group */
	enum db_result ended; /* if the transaction is gone */
	struct row old, new;
};

static enum db_result
pass_on(struct dry *d, enum db_result rc)
{
	if (rc != DB_OK) {
		memcpy(d->db.why, d->inner->why, sizeof d->db.why);
		d->db.failed = d->db.here;
		d->db.overtime = d->inner->overtime;
	}
	return rc;
}

static enum db_result
inner_run(struct dry *d, const char *sql)
{
	struct query q = {.sql = sql};
	enum db_result rc = db_run(d->inner, &q, NULL, 0, NULL);

	if (rc == DB_OK)
		rc = db_sync(d->inner);
	db_forget(d->inner, &q);
	return pass_on(d, rc);
}

static enum db_result
look(struct dry *d, const struct change *c, db_row_fn *row, void *arg)
{
	struct buf sql = {0};
	struct query q;
	enum db_result rc;

	for (size_t i = 0; i < c->table->ncolumns; i++)
		buf_printf(&sql, "%s\"%s\"", i ? "," : "SELECT ",
		    c->table->column[i].name);
	buf_printf(&sql, " FROM \"%s\"", c->table->name);
	buf_add(&sql, c->where.p, c->where.len);
	q = (struct query){.sql = buf_str(&sql)};
	rc = db_select(d->inner, &q, c->value, c->nvalues, row, arg);
	db_forget(d->inner, &q);
	buf_free(&sql);
	return rc;
}

static void
copy_row(void *arg, const struct value *value, size_t n)
{
	struct row *r = arg;

	r->found = true;
	buf_clear(&r->text);
	for (size_t i = 0; i < n; i++) {
		r->value[i] = value[i];
		r->at[i] = r->text.len;
		if (value[i].type == VALUE_TEXT)
			buf_add(&r->text, value[i].text, value[i].len);
	}
	for (size_t i = 0; i < n; i++)
		if (value[i].type == VALUE_TEXT)
			r->value[i].text = buf_str(&r->text) + r->at[i];
}

struct removal {
	struct dry *dry;
	const struct table *table;
	int64_t told;
};

static void
tell_removed(void *arg, const struct value *row, size_t n)
{
	struct removal *r = arg;

	(void)n;
	r->told++;
	tell_row(&r->dry->told, r->table, row, NULL);
}

/* An INSERT is about one row, which may have been there: its key's. */
static enum db_result
dry_insert(struct dry *d, const struct change *c, struct query *q,
    const struct value *value, size_t nvalues)
{
	const struct table *t = c->table;
	enum db_result rc;
	int64_t changed;

	d->old.found = d->new.found = false;
	rc = look(d, c, copy_row, &d->old);
	if (rc == DB_OK)
		rc = db_run(d->inner, q, value, nvalues, &changed);
	if (rc == DB_OK)
		rc = look(d, c, copy_row, &d->new);
	if (rc == DB_OK && changed > d->new.found) /* of another key, too */
		tell_unknown(&d->told, q->sql);
	if (rc != DB_OK || !d->new.found)
		return rc;
	if (!d->old.found)
		tell_row(&d->told, t, NULL, d->new.value);
	else if (!row_is(t, d->old.value, d->new.value))
		tell_row(&d->told, t, d->old.value, d->new.value);
	return DB_OK;
}

/* A DELETE is about the rows that it finds. */
static enum db_result
dry_delete(struct dry *d, const struct change *c, struct query *q,
    const struct value *value, size_t nvalues)
{
	struct removal r = {.dry = d, .table = c->table};
	enum db_result rc = look(d, c, tell_removed, &r);
	int64_t changed;

	if (rc == DB_OK)
		rc = db_run(d->inner, q, value, nvalues, &changed);
	if (rc == DB_OK && changed != r.told)
		tell_unknown(&d->told, q->sql);
	return rc;
}

/* Is it about orphans?  They are a note of what else is told. */
static bool
is_about_orphans(const char *sql)
{
	static const char insert[] = "INSERT INTO \"orphan\" ",
			  delete[] = "DELETE FROM \"orphan\" ";

	return strncmp(sql, insert, sizeof insert - 1) == 0 ||
	       strncmp(sql, delete, sizeof delete - 1) == 0;
}

/* Runs a statement, and tells what it has changed. */
static enum db_result
dry_change(
    struct dry *d, struct query *q, const struct value *value, size_t nvalues)
{
	struct change c = {0};
	enum db_result rc;
	int64_t changed;

	if (is_about_orphans(q->sql))
		return db_run(d->inner, q, value, nvalues, NULL);
	if (!change_read(&c, q->sql, value, nvalues)) {
		rc = db_run(d->inner, q, value, nvalues, &changed);
		if (rc == DB_OK && changed > 0)
			tell_unknown(&d->told, q->sql);
	} else if (*q->sql == 'I') {
		rc = dry_insert(d, &c, q, value, nvalues);
	} else {
		rc = dry_delete(d, &c, q, value, nvalues);
	}
	buf_free(&c.where);
	return rc;
}

/* From here on, the database that it is for others. */

static enum db_result
dry_run(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed, db_row_fn *row, void *arg)
{
	struct dry *d = (struct dry *)db;
	enum db_result rc;

	if (q->foreign || q->told)
		return pass_on(d, dry_change(d, q, value, nvalues));
	rc = d->inner->ops->run(d->inner, q, value, nvalues, changed, row, arg);
	if (strcmp(q->sql, "SAVEPOINT wos") == 0)
		d->mark = d->told.text.len;
	else if (strcmp(q->sql, "ROLLBACK TO SAVEPOINT wos") == 0)
		d->told.text.len = d->mark;
	return pass_on(d, rc);
}

static enum db_result
dry_sync(struct db *db)
{
	struct dry *d = (struct dry *)db;

	return pass_on(d, db_sync(d->inner));
}

static void
dry_forget(struct db *db, struct query *q)
{
	db_forget(((struct dry *)db)->inner, q);
}

/* A batch is a savepoint in the one transaction that is taken back. */
static enum db_result
dry_begin(struct db *db)
{
	struct dry *d = (struct dry *)db;

	if (d->ended == DB_OK)
		return inner_run(d, "SAVEPOINT wos_batch");
	snprintf(db->why, sizeof db->why,
	    d->ended == DB_BUSY
		? "the connection was lost, and the dry run with it"
		: "a trigger, or a statement's time, has ended the dry run");
	return d->ended;
}

static enum db_result
dry_commit(struct db *db)
{
	struct dry *d = (struct dry *)db;
	enum db_result rc = inner_run(d, "RELEASE SAVEPOINT wos_batch");

	if (d->told.text.len > 0) {
		fwrite(d->told.text.p, 1, d->told.text.len, d->out);
		fflush(d->out);
	}
	buf_clear(&d->told.text);
	return rc;
}

static void
dry_rollback(struct db *db)
{
	struct dry *d = (struct dry *)db;
	struct db saved = d->db;
	enum db_result rc = inner_run(d, "ROLLBACK TO SAVEPOINT wos_batch");

	/* Without the one around it, a savepoint's release would commit. */
	if (rc != DB_OK)
		d->ended = rc == DB_AGAIN ? DB_BUSY : DB_FAILED;
	else
		inner_run(d, "RELEASE SAVEPOINT wos_batch");
	d->db = saved;
	buf_clear(&d->told.text);
}

static void
dry_close(struct db *db)
{
	struct dry *d = (struct dry *)db;

	db_rollback(d->inner);
	db_close(d->inner);
	buf_free(&d->told.text);
	buf_free(&d->old.text);
	buf_free(&d->new.text);
	free(d);
}

static const struct db_ops dry_ops = {
    .run = dry_run,
    .sync = dry_sync,
    .forget = dry_forget,
    .close = dry_close,
    .begin = dry_begin,
    .commit = dry_commit,
    .rollback = dry_rollback,
};

static void
add_table(void *arg, const struct value *row, size_t n)
{
	struct buf *tables = arg, name = {0};

	(void)n;
	buf_add(&name, row[0].text, row[0].len);
	if (catalogue_table(buf_str(&name)) != NULL)
		buf_printf(tables, "%s%s", tables->len > 0 ? ", " : "",
		    buf_str(&name));
	buf_free(&name);
}

enum db_result
dry_owners(struct db *inner, struct buf *tables)
{
	struct query q = {.sql = inner->ops->owners};
	enum db_result rc = db_select(inner, &q, NULL, 0, add_table, tables);

	db_forget(inner, &q);
	return rc;
}

enum db_result
dry_open(struct db *inner, FILE *out, bool json, struct db **db)
{
	struct dry *d;
	enum db_result rc = db_begin(inner);

	if (rc != DB_OK)
		return rc;
	if ((d = calloc(1, sizeof *d)) == NULL)
		log_err(1, NULL);
	d->db.ops = &dry_ops;
	d->db.dry = true;
	d->inner = inner;
	d->out = out;
	d->told.json = json;
	*db = &d->db;
	return DB_OK;
}
