/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "change/watch.h"
#include "memory.h"

/* What asks for one row of a table, by its key. */
struct by_key {
	struct buf sql;
	struct query query;
};

/* A statement, and what is known of the rows that it has changed. */
struct seen {
	struct watch *watch;
	void *from;
	const struct table *table;
	enum { COUNTED, ONE_ROW, FOUND_ROWS, OTHER_ROWS } rows;
	const char *sql;
	struct buf question; /* of its own, if it is this one: */
	struct query own;
	struct row old, new;
	int64_t told, changed, *counted;
	struct seen *next;
};

struct watch {
	struct db *inner;
	bool now; /* are answers there at once? */
	size_t n; /* statements that have not been told */
	struct watcher who;
	struct by_key *by_key;      /* of each table of the catalogue */
	struct seen *first, **last; /* that have not been told */
	struct seen **mark;         /* where watch_mark was */
};

static void
seen_free(struct watch *w, struct seen *s)
{
	w->n--;
	if (s->own.sql != NULL)
		db_forget(w->inner, &s->own);
	buf_free(&s->question);
	row_free(&s->old);
	row_free(&s->new);
	free(s);
}

static struct seen *
seen_new(struct watch *w, void *from, const struct ran *r)
{
	struct seen *s = memory_new(1, sizeof *s);

	s->watch = w;
	s->from = from;
	s->sql = w->now ? r->query->sql : NULL;
	s->counted = r->changed;
	w->n++;
	*w->last = s;
	w->last = &s->next;
	return s;
}

/* All answers about the statement are there. */
static void
tell(struct watch *w, struct seen *s)
{
	const struct watcher *who = &w->who;
	int64_t known = s->rows == FOUND_ROWS ? s->told : s->new.found;

	if (s->counted != NULL)
		*s->counted += s->changed;
	if (s->rows == COUNTED) {
		who->counted(who->arg, s->from, s->changed);
		return;
	}
	if (s->rows == FOUND_ROWS ? s->changed != known : s->changed > known)
		who->unknown(who->arg, s->from, s->table, s->sql);
	if (s->new.found)
		who->row(who->arg, s->from, s->table, row_values(&s->old),
		    row_values(&s->new));
}

/* Tells those before `end`, which have been answered. */
static void
tell_up_to(struct watch *w, const struct seen *end)
{
	struct seen *s;

	while ((s = w->first) != end && s != NULL) {
		tell(w, s);
		w->first = s->next;
		if (w->last == &s->next)
			w->last = &w->first;
		if (w->mark == &s->next)
			w->mark = &w->first;
		seen_free(w, s);
	}
}

void
watch_settle(struct watch *w)
{
	tell_up_to(w, NULL);
}

/* Forgets what is at *from and behind it. */
static void
forget(struct watch *w, struct seen **from)
{
	struct seen *s;

	while ((s = *from) != NULL) {
		*from = s->next;
		seen_free(w, s);
	}
	w->last = from;
}

void
watch_forget(struct watch *w)
{
	forget(w, &w->first);
	w->mark = &w->first;
}

void
watch_mark(struct watch *w)
{
	w->mark = w->last;
}

void
watch_undo(struct watch *w)
{
	forget(w, w->mark);
}

static void
take_old(void *arg, const struct value *value, size_t n)
{
	struct seen *s = arg;

	row_copy(&s->old, s->table, value, n);
}

static void
take_new(void *arg, const struct value *value, size_t n)
{
	struct seen *s = arg;

	row_copy(&s->new, s->table, value, n);
}

/* A row that goes, one of many: it is told at once. */
static void
take_gone(void *arg, const struct value *value, size_t n)
{
	struct seen *s = arg;
	struct watch *w = s->watch;

	tell_up_to(w, s);
	row_copy(&s->old, s->table, value, n);
	s->told++;
	w->who.row(w->who.arg, s->from, s->table, row_values(&s->old), NULL);
}

/* A question about the stream's rows has as much time as its statement. */
static enum db_result
look(struct watch *w, const struct db_place *place, const struct query *q,
    const struct value *key, size_t nkey, db_row_fn *row, struct seen *s)
{
	const struct db_ops *ops = w->inner->ops;

	return (w->now ? ops->ask : ops->look)(
	    w->inner, place, q, key, nkey, row, s);
}

static enum db_result
run(struct watch *w, struct seen *s, const struct ran *r)
{
	return db_run_at(
	    w->inner, r->at, r->query, r->value, r->nvalues, &s->changed);
}

static const struct query *
by_key(struct watch *w, const struct table *t)
{
	size_t n;
	struct by_key *k = &w->by_key[t - catalogue_tables(&n)];

	if (k->query.sql == NULL) {
		row_select_key(&k->sql, t);
		k->query.sql = buf_str(&k->sql);
	}
	return &k->query;
}

/* An INSERT is about one row, which may have been there: its key's. */
static enum db_result
run_by_key(
    struct watch *w, struct seen *s, const struct form *f, const struct ran *r)
{
	const struct table *t = f->table;
	const struct query *q = by_key(w, t);
	struct value key[DB_MAX_COLUMNS];
	size_t n = 0;
	enum db_result rc;

	s->rows = ONE_ROW;
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key)
			key[n++] = r->value[f->mark[i] - 1];
	rc = look(w, r->at, q, key, n, take_old, s);
	if (rc == DB_OK)
		rc = run(w, s, r);
	return rc == DB_OK ? look(w, r->at, q, key, n, take_new, s) : rc;
}

/* A DELETE is about the rows that it finds. */
static enum db_result
run_delete(
    struct watch *w, struct seen *s, const struct form *f, const struct ran *r)
{
	enum db_result rc;

	s->rows = FOUND_ROWS;
	row_select(&s->question, f->table);
	buf_puts(&s->question, f->rest);
	buf_printf(&s->question, " LIMIT %d",
	    w->inner->ops->at_once ? WATCH_ROWS_AT_ONCE : WATCH_ROWS);
	s->own = (struct query){.sql = buf_str(&s->question), .whole = true};
	rc = look(w, r->at, &s->own, r->value, r->nvalues, take_gone, s);
	return rc == DB_OK ? run(w, s, r) : rc;
}

/*
 * What was run is told once it is answered; after many that were not, the
 * database is waited for.  What has failed is forgotten.
 */
static enum db_result
end_run(struct watch *w, struct seen *s, enum db_result rc)
{
	struct seen **at = &w->first;
	bool due =
	    w->now || (w->n >= WATCH_STATEMENTS && !w->inner->ops->at_once);

	if (rc == DB_OK && due)
		rc = db_sync(w->inner);
	if (rc == DB_OK && due)
		watch_settle(w);
	if (rc == DB_OK)
		return DB_OK;
	while (*at != s)
		at = &(*at)->next;
	forget(w, at);
	return rc;
}

/*
 * wos-apply's own DELETE may say what none of the stream's may; its condition
 * is where any one has it.
 */
static bool
is_delete(const struct form *f, const struct ran *r)
{
	return f->verb == VERB_DELETE &&
	       (f->why == NULL || !r->at->from_stream) &&
	       r->nvalues <= DB_MAX_COLUMNS;
}

enum db_result
watch_run(
    struct watch *w, void *from, const struct form *f, const struct ran *r)
{
	struct seen *s = seen_new(w, from, r);

	s->table = f->table;
	if (is_delete(f, r))
		return end_run(w, s, run_delete(w, s, f, r));
	if (f->why == NULL && f->by_key && r->nvalues <= DB_MAX_COLUMNS)
		return end_run(w, s, run_by_key(w, s, f, r));
	s->rows = OTHER_ROWS;
	return end_run(w, s, run(w, s, r));
}

enum db_result
watch_count(struct watch *w, void *from, const struct ran *r)
{
	struct seen *s = seen_new(w, from, r);

	s->rows = COUNTED;
	return end_run(w, s, run(w, s, r));
}

struct watch *
watch_new(struct db *inner, const struct watcher *who, bool now)
{
	struct watch *w = memory_new(1, sizeof *w);
	size_t n;

	(void)catalogue_tables(&n);
	w->inner = inner;
	w->now = now || inner->ops->look == NULL;
	w->who = *who;
	w->by_key = memory_new(n, sizeof *w->by_key);
	w->last = w->mark = &w->first;
	return w;
}

void
watch_free(struct watch *w)
{
	size_t n;

	watch_forget(w);
	(void)catalogue_tables(&n);
	while (n-- > 0) {
		if (w->by_key[n].query.sql != NULL)
			db_forget(w->inner, &w->by_key[n].query);
		buf_free(&w->by_key[n].sql);
	}
	free(w->by_key);
	free(w);
}
