/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "dry.h"
#include "dry_tell.h"
#include "memory.h"
#include "stream/form_read.h"
#include "verify.h"

/* A row, copied: a text's bytes are in `text`, where `at` says. */
struct row {
	bool found;
	struct value value[DB_MAX_COLUMNS];
	size_t at[DB_MAX_COLUMNS];
	struct buf text;
};

/* What asks for one row of a table, by its key: the same for all of them. */
struct by_key {
	struct buf sql;
	struct query query;
};

struct dry {
	struct db db;
	struct db_ops ops;
	struct by_key *by_key; /* of each table of the catalogue */
	struct db *inner;
	FILE *out;
	struct told told;      /* what goes out once the batch is whole */
	struct verify *verify; /* of lists, or NULL */
	size_t mark;           /* how much of it was there before the group, */
	struct tally group;    /* and what was counted; */
	struct tally batch;    /* and before the batch */
	enum db_result ended;  /* if the transaction is gone */
	struct row old, new;
};

static enum db_result
pass_on(struct dry *d, enum db_result rc)
{
	if (rc != DB_OK) {
		memcpy(d->db.why, d->inner->why, sizeof d->db.why);
		d->db.failed = d->inner->failed;
		d->db.overtime = d->inner->overtime;
	}
	return rc;
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

/* A statement of the stream, and the table's rows that it is about. */
struct change {
	const struct db_place *at;
	const struct query *query;
	const struct value *value;
	size_t nvalues;
	int64_t changed;
	const struct table *table;
	const struct query *question; /* asks for the rows */
	struct buf sql;               /* of its own, if it is this one: */
	struct query own;
	struct value key[DB_MAX_COLUMNS]; /* $1, $2 ... of that */
	size_t nkey;
};

static enum db_result
run(struct dry *d, struct change *c)
{
	enum db_result rc = db_run_at(
	    d->inner, c->at, c->query, c->value, c->nvalues, &c->changed);

	return rc == DB_OK ? db_sync(d->inner) : rc;
}

static enum db_result
look(struct dry *d, const struct change *c, db_row_fn *row, void *arg)
{
	const struct db_place at = {c->at->group, c->at->line, false};

	return d->inner->ops->ask(
	    d->inner, &at, c->question, c->key, c->nkey, row, arg);
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

static const struct query *
by_key(struct dry *d, const struct table *t)
{
	size_t n, nkey = 0;
	struct by_key *k = &d->by_key[t - catalogue_tables(&n)];

	if (k->query.sql != NULL)
		return &k->query;
	tell_select(&k->sql, t);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(&k->sql, "%s\"%s\"=$%zu",
			    nkey > 0 ? " AND " : " WHERE ", t->column[i].name,
			    nkey + 1);
			nkey++;
		}
	k->query.sql = buf_str(&k->sql);
	return &k->query;
}

/* An INSERT is about one row, which may have been there: its key's. */
static enum db_result
dry_insert(struct dry *d, const struct form *f, struct change *c)
{
	const struct table *t = c->table;
	enum db_result rc;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key)
			c->key[c->nkey++] = c->value[f->mark[i] - 1];
	c->question = by_key(d, t);
	d->old.found = d->new.found = false;
	rc = look(d, c, copy_row, &d->old);
	if (rc == DB_OK)
		rc = run(d, c);
	if (rc == DB_OK)
		rc = look(d, c, copy_row, &d->new);
	if (rc == DB_OK && c->changed > d->new.found) /* of another key, too */
		tell_unknown(&d->told, c->query->sql);
	if (rc != DB_OK || !d->new.found)
		return rc;
	if (d->verify != NULL)
		verify_row(d->verify, &d->told, t,
		    d->old.found ? d->old.value : NULL, d->new.value);
	else if (!d->old.found)
		tell_row(&d->told, t, NULL, d->new.value);
	else if (!row_is(&d->told, t, d->old.value, d->new.value))
		tell_row(&d->told, t, d->old.value, d->new.value);
	return DB_OK;
}

/* A list has come to its end: what was there has been run before. */
static enum db_result
dry_list_end(struct dry *d, const struct form *f, struct change *c)
{
	enum db_result rc = run(d, c);

	return rc == DB_OK ? verify_list(d->verify, &d->told, d->inner, f,
				 c->at, c->value)
			   : rc;
}

/* A DELETE is about the rows that it finds. */
static enum db_result
dry_delete(struct dry *d, const struct form *f, struct change *c)
{
	struct removal r = {.dry = d, .table = c->table};
	enum db_result rc;

	tell_select(&c->sql, c->table);
	buf_puts(&c->sql, f->rest);
	c->own.sql = buf_str(&c->sql);
	c->question = &c->own;
	memcpy(c->key, c->value, c->nvalues * sizeof *c->key);
	c->nkey = c->nvalues;
	rc = look(d, c, tell_removed, &r);
	if (rc == DB_OK)
		rc = run(d, c);
	if (rc == DB_OK && c->changed != r.told)
		tell_unknown(&d->told, c->query->sql);
	return rc;
}

/* Another one is about rows that can't be told. */
static enum db_result
dry_other(struct dry *d, struct change *c)
{
	enum db_result rc = run(d, c);

	if (rc == DB_OK && c->changed > 0)
		tell_unknown(&d->told, c->query->sql);
	return rc;
}

/* Runs a statement, and tells what it has changed; orphans are only a note. */
static enum db_result
dry_change(struct dry *d, const struct form *f, struct change *c)
{
	c->table = f->table;
	if (d->verify != NULL && !verify_looks(d->verify, f))
		return run(d, c);
	if (d->verify != NULL && strcmp(f->table->name, "listed") == 0)
		return dry_list_end(d, f, c);
	if (f->why != NULL || c->nvalues > DB_MAX_COLUMNS)
		return dry_other(d, c);
	if (f->table == catalogue_table("orphan"))
		return run(d, c);
	if (f->verb == VERB_INSERT && f->by_key)
		return dry_insert(d, f, c);
	return f->verb == VERB_DELETE ? dry_delete(d, f, c) : dry_other(d, c);
}

/* From here on, the database that it is for others. */

static enum db_result
dry_run(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed)
{
	struct dry *d = (struct dry *)db;
	struct change c = {
	    .at = at, .query = q, .value = value, .nvalues = nvalues};
	const struct form *form = q->form;
	struct form *own = NULL;
	enum db_result rc;

	if (form == NULL && !q->shown)
		return pass_on(
		    d, db_run_at(d->inner, at, q, value, nvalues, changed));
	if (form == NULL)
		form = own = form_read(q->sql, strlen(q->sql));
	rc = dry_change(d, form, &c);
	if (rc == DB_OK && changed != NULL)
		*changed += c.changed;
	if (c.own.sql != NULL)
		db_forget(d->inner, &c.own);
	buf_free(&c.sql);
	if (own != NULL)
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
	size_t n;

	db_rollback(d->inner);
	db_close(d->inner);
	(void)catalogue_tables(&n);
	while (n-- > 0)
		buf_free(&d->by_key[n].sql);
	free(d->by_key);
	free(d->verify);
	buf_free(&d->told.text);
	buf_free(&d->old.text);
	buf_free(&d->new.text);
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
	size_t ntables;
	enum db_result rc = db_begin(inner);

	if (rc != DB_OK)
		return rc;
	d = memory_new(1, sizeof *d);
	d->ops = dry_ops;
	d->ops.system = inner->ops->system;
	d->db.ops = &d->ops;
	d->db.dry = true;
	d->inner = inner;
	(void)catalogue_tables(&ntables);
	d->by_key = memory_new(ntables, sizeof *d->by_key);
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
