/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "change/watch.h"
#include "dry.h"
#include "dry_tell.h"
#include "memory.h"
#include "stream/form_read.h"
#include "verify.h"

struct dry {
	struct db db;
	struct db_ops ops;
	struct watch *watch;
	struct db *inner;
	FILE *out;
	struct told told;      /* what goes out once the batch is whole */
	struct verify *verify; /* of lists, or NULL */
	size_t mark;           /* how much of it was there before the group, */
	struct tally group;    /* and what was counted; */
	struct tally batch;    /* and before the batch */
	enum db_result ended;  /* if the transaction is gone */
};

static enum db_result
pass_on(struct dry *d, enum db_result rc)
{
	return db_result_of(&d->db, d->inner, rc);
}

/* A batch is a savepoint in the one transaction that is taken back. */
static const struct query savepoint_set = {.sql = "SAVEPOINT wos_batch"};
static const struct query savepoint_release = {
    .sql = "RELEASE SAVEPOINT wos_batch"};
static const struct query savepoint_undo = {
    .sql = "ROLLBACK TO SAVEPOINT wos_batch"};

static enum db_result
inner_run(struct dry *d, const struct query *q)
{
	enum db_result rc = db_run(d->inner, q, NULL, 0, NULL);

	return pass_on(d, rc == DB_OK ? db_sync(d->inner) : rc);
}

static void
tell_change(void *arg, void *from, const struct table *t,
    const struct value *before, const struct value *after)
{
	struct dry *d = arg;

	(void)from;
	if (d->verify != NULL)
		verify_row(d->verify, &d->told, t, before, after);
	else if (before == NULL || after == NULL ||
		 !row_is(&d->told, t, before, after))
		tell_row(&d->told, t, before, after);
}

static void
tell_other(void *arg, void *from, const struct table *t, const char *sql)
{
	struct dry *d = arg;

	(void)from, (void)t;
	tell_unknown(&d->told, sql);
}

static enum db_result
run(struct dry *d, const struct ran *r)
{
	enum db_result rc = db_run_at(
	    d->inner, r->at, r->query, r->value, r->nvalues, r->changed);

	return rc == DB_OK ? db_sync(d->inner) : rc;
}

/* Runs a statement, and tells what it has changed; orphans are only a note. */
static enum db_result
dry_change(struct dry *d, const struct form *f, const struct ran *r)
{
	bool ends = f->table != NULL && strcmp(f->table->name, "listed") == 0;
	enum db_result rc;

	if (f->table == catalogue_table("orphan") ||
	    (d->verify != NULL && !verify_looks(d->verify, f)))
		return run(d, r);
	if (d->verify == NULL || !ends)
		return watch_run(d->watch, NULL, f, r);
	/* A list has come to its end: what was there has been run before. */
	rc = run(d, r);
	return rc != DB_OK ? rc
			   : verify_list(d->verify, &d->told, d->inner, f,
				 r->at, r->value);
}

/* From here on, the database that it is for others. */

static enum db_result
dry_run(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed)
{
	struct dry *d = (struct dry *)db;
	const struct ran r = {at, q, value, nvalues, changed};
	struct form *own;
	const struct form *form = form_of(q, &own);
	enum db_result rc;

	if (form == NULL)
		return pass_on(
		    d, db_run_at(d->inner, at, q, value, nvalues, changed));
	rc = dry_change(d, form, &r);
	form_free(own);
	return pass_on(d, rc);
}

static enum db_result
dry_ask(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg)
{
	struct dry *d = (struct dry *)db;

	return pass_on(
	    d, d->inner->ops->ask(d->inner, at, q, value, nvalues, row, arg));
}

static enum db_result
dry_sync(struct db *db)
{
	struct dry *d = (struct dry *)db;

	return pass_on(d, db_sync(d->inner));
}

static void
dry_forget(struct db *db, const struct query *q)
{
	db_forget(((struct dry *)db)->inner, q);
}

static enum db_result
dry_mark(struct db *db)
{
	struct dry *d = (struct dry *)db;

	d->mark = d->told.text.len;
	d->group = d->told.tally;
	return pass_on(d, db_mark(d->inner));
}

static enum db_result
dry_keep(struct db *db)
{
	struct dry *d = (struct dry *)db;

	return pass_on(d, db_keep(d->inner));
}

static enum db_result
dry_undo(struct db *db)
{
	struct dry *d = (struct dry *)db;

	d->told.text.len = d->mark;
	d->told.tally = d->group;
	return pass_on(d, db_undo(d->inner));
}

static enum db_result
dry_begin(struct db *db)
{
	struct dry *d = (struct dry *)db;

	d->batch = d->told.tally;
	if (d->ended == DB_OK)
		return inner_run(d, &savepoint_set);
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
	enum db_result rc = inner_run(d, &savepoint_release);

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
	enum db_result rc = inner_run(d, &savepoint_undo);

	/* Without the one around it, a savepoint's release would commit. */
	if (rc != DB_OK)
		d->ended = rc == DB_AGAIN ? DB_BUSY : DB_FAILED;
	else
		inner_run(d, &savepoint_release);
	d->told.tally = d->batch;
	buf_clear(&d->told.text);
}

static void
dry_close(struct db *db)
{
	struct dry *d = (struct dry *)db;

	db_rollback(d->inner);
	watch_free(d->watch);
	db_close(d->inner);
	free(d->verify);
	buf_free(&d->told.text);
	free(d);
}

static const struct db_ops dry_ops = {
    .run = dry_run,
    .ask = dry_ask,
    .sync = dry_sync,
    .begin = dry_begin,
    .commit = dry_commit,
    .rollback = dry_rollback,
    .mark = dry_mark,
    .keep = dry_keep,
    .undo = dry_undo,
    .forget = dry_forget,
    .close = dry_close,
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
	return db_select(
	    inner, &inner->ops->owners, NULL, 0, add_table, tables);
}

enum db_result
dry_open(struct db *inner, FILE *out, bool json, bool verifies, struct db **db)
{
	struct dry *d;
	struct watcher who = {.row = tell_change, .unknown = tell_other};
	enum db_result rc = db_begin(inner);

	if (rc != DB_OK)
		return rc;
	d = memory_new(1, sizeof *d);
	d->ops = dry_ops;
	d->ops.system = inner->ops->system;
	d->db.ops = &d->ops;
	d->db.dry = true;
	d->inner = inner;
	who.arg = d;
	d->watch = watch_new(inner, &who, true);
	d->out = out;
	d->told.json = json;
	d->told.compares = verifies;
	d->verify = verifies ? verify_new() : NULL;
	*db = &d->db;
	return DB_OK;
}

void
dry_totals(struct db *db)
{
	struct dry *d = (struct dry *)db;

	verify_totals(d->verify, &d->told, d->out);
}
