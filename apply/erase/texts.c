/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "envelope.h"
#include "erase/texts.h"
#include "forget/strip.h"
#include "forgotten.h"
#include "memory.h"
#include "parked_id.h"

/* Texts in a transaction: a hundred of the largest take 400 MB. */
#define TEXTS_AT_ONCE 100

/*
 * With so many ids and addresses the database is asked for the texts that have
 * one; with more, for all.
 */
#define NEEDLES_MOST 24

/* Where there are texts; a key has three columns at most. */
#define KEYS_MOST 3
static const struct source {
	const char *table, *text, *key[KEYS_MOST];
	const char *envelope; /* what makes one of it, or nothing */
	bool is_parked;       /* with the reason, which goes along */
} sources[] = {
    {"events_cursor", "event_payload", {"event_id"},
	",\"event_type\",\"created_at\"", false},
    {"listed_object", "payload", {"object", "id", "sub_id"}, "", false},
    {"parked_event", "text", {"id"}, "", true},
};
#define NSOURCES (sizeof sources / sizeof *sources)

/* A text that is looked at, and what becomes of it. */
struct one {
	struct buf key[KEYS_MOST];
	struct buf text; /* nothing: the row goes */
	struct buf old;
};

/* Going over a source. */
struct walk {
	struct db *db;
	const struct source *from;
	size_t nkeys;
	struct found *found;
	bool erasing; /* or only looking */
	enum erase_step step;
	void (*look)(const struct erased *e, const char *line, size_t len,
	    learn_fn *learn, void *arg);
	struct counted *counted;
	const struct table *table;
	struct one last; /* the key of the last one that was seen */
	struct one todo[TEXTS_AT_ONCE];
	size_t ntodo, seen;
	size_t most; /* to ask for at once: fewer if they are too large */
	const char *needle[NEEDLES_MOST];
	size_t nneedles;
};

static void
set(struct buf *to, const struct value *v)
{
	buf_clear(to);
	buf_add(to, v->text, v->len);
}

static void
one_release(struct one *o)
{
	for (size_t i = 0; i < KEYS_MOST; i++)
		buf_free(&o->key[i]);
	buf_free(&o->text);
	buf_free(&o->old);
}

static void
release(struct walk *w)
{
	one_release(&w->last);
	for (size_t i = 0; i < TEXTS_AT_ONCE; i++)
		one_release(&w->todo[i]);
}

static void
note_learnt(void *learnt, enum erased_kind kind, const char *text, size_t len)
{
	(void)kind, (void)text, (void)len;
	*(bool *)learnt = true;
}

/* Does it go in this step? */
static bool
is_due(const struct walk *w, const struct value *text)
{
	const struct erased *e = &w->found->erased;
	bool ids = false, addresses = false;

	if (w->step == ERASE_ALL)
		return true;
	learn_ids(e, text->text, text->len, note_learnt, &ids);
	learn_addresses(e, text->text, text->len, note_learnt, &addresses);
	return w->step == (ids            ? ERASE_NAMED
			      : addresses ? ERASE_IDS
					  : ERASE_TOLD);
}

/* What becomes of a text, in the list of what is to be done. */
static void
strip(struct walk *w, const struct value *row, size_t n)
{
	const struct value *text = &row[w->nkeys];
	struct one *o = &w->todo[w->ntodo];
	enum stripped rc;

	buf_clear(&o->text);
	rc = strip_line(&w->found->erased, text->text, text->len, &o->text);
	if (rc == STRIP_NONE || !is_due(w, text))
		return;
	for (size_t i = 0; i < w->nkeys; i++)
		set(&o->key[i], &row[i]);
	set(&o->old, text);
	if (rc == STRIP_BLANK && n == w->nkeys + 3)
		envelope_add(&o->text,
		    (struct jsonspan){row[0].text, row[0].len},
		    (struct jsonspan){row[n - 2].text, row[n - 2].len},
		    row[n - 1].i);
	counted_row(w->counted, w->table, row, w->nkeys);
	w->ntodo++;
}

static void
take(void *arg, const struct value *row, size_t n)
{
	struct walk *w = arg;
	const struct value *text = &row[w->nkeys];

	w->seen++;
	for (size_t i = 0; i < w->nkeys; i++)
		set(&w->last.key[i], &row[i]);
	if (text->type != VALUE_TEXT)
		return;
	if (w->erasing)
		strip(w, row, n);
	else
		w->look(&w->found->erased, text->text, text->len, found_add,
		    w->found);
}

/* ("object","id")>($1,$2), or the same columns for an order. */
static void
add_key(struct buf *sql, const struct walk *w)
{
	for (size_t i = 0; i < w->nkeys; i++)
		buf_printf(sql, "%s\"%s\"", i > 0 ? "," : "", w->from->key[i]);
}

/* How many of them this source's texts are asked for with. */
static size_t
needles(const struct walk *w)
{
	return w->from->is_parked ? 0 : w->nneedles;
}

/*
 * A text may have what is looked for if that is in it as it is, whatever the
 * case of its letters, or if it has an escape.  What is parked may be SQL, with
 * escapes of another kind.
 */
static void
add_needles(struct buf *sql, const struct walk *w)
{
	const char *text = w->from->text, *ascii = w->db->ops->ascii;

	if (needles(w) == 0)
		return;
	buf_printf(sql, " AND (REPLACE(\"%s\",'\\','')<>\"%s\"", text, text);
	for (size_t i = 0; i < needles(w); i++)
		buf_printf(sql,
		    " OR REPLACE(LOWER(\"%s\"%s),LOWER($%zu%s),'')<>"
		    "LOWER(\"%s\"%s)",
		    text, ascii, w->nkeys + i + 1, ascii, text, ascii);
	buf_puts(sql, ")");
}

static void
add_question(struct buf *sql, const struct walk *w)
{
	buf_puts(sql, "SELECT ");
	add_key(sql, w);
	buf_printf(sql, ",\"%s\"%s FROM \"%s\" WHERE (", w->from->text,
	    w->from->envelope, w->from->table);
	add_key(sql, w);
	buf_puts(sql, ")>(");
	for (size_t i = 0; i < w->nkeys; i++)
		buf_printf(sql, "%s$%zu", i > 0 ? "," : "", i + 1);
	buf_puts(sql, ")");
	add_needles(sql, w);
	buf_puts(sql, " ORDER BY ");
	add_key(sql, w);
	buf_printf(sql, " LIMIT %zu", w->most);
	buf_str(sql);
}

/*
 * A parked text is known by its hash: of what is left, so that a retry finds it
 * under its name, and nobody a guess of what it was.  Another may have the
 * name.
 */
static enum db_result
rename_parked(struct walk *w, struct one *o)
{
	static const struct query q = {
	    .sql = "UPDATE \"parked_event\" SET \"id\"=$1 WHERE \"id\"=$2 "
		   "AND NOT EXISTS (SELECT 1 FROM \"parked_event\" WHERE "
		   "\"id\"=$1)"};
	static const struct query rest = {
	    .sql = "DELETE FROM \"parked_event\" WHERE \"id\"=$1"};
	char id[PARKED_ID_SIZE];
	struct value value[2];
	enum db_result rc;

	parked_id(o->text.p, o->text.len, o->text.len, id);
	value[0] = value_text(id);
	value[1] = value_bytes(o->key[0].p, o->key[0].len);
	rc = db_run(w->db, &q, value, 2, NULL);
	return rc == DB_OK ? db_run(w->db, &rest, value + 1, 1, NULL) : rc;
}

/*
 * SET "payload"=$1, or DELETE, WHERE "object"=$2 AND ..., unless a sync that
 * runs beside has changed it: that has stripped what it wrote.
 */
static void
add_change(struct buf *sql, const struct walk *w, bool goes)
{
	if (goes)
		buf_printf(sql, "DELETE FROM \"%s\"", w->from->table);
	else
		buf_printf(sql, "UPDATE \"%s\" SET \"%s\"=$1%s", w->from->table,
		    w->from->text,
		    w->from->is_parked ? ",\"reason\"='" FORGOTTEN_REASON "'"
				       : "");
	for (size_t i = 0; i < w->nkeys; i++)
		buf_printf(sql, "%s\"%s\"=$%zu", i > 0 ? " AND " : " WHERE ",
		    w->from->key[i], i + 1 + !goes);
	buf_printf(
	    sql, " AND \"%s\"=$%zu", w->from->text, w->nkeys + 1 + !goes);
	buf_str(sql);
}

/* What is full is committed; the next transaction begins. */
static enum db_result
make_room(struct db *db, size_t n)
{
	enum db_result rc = DB_OK;

	if (n == 0 || !db_is_full(db, n))
		return DB_OK;
	rc = db_end(db, rc);
	return rc == DB_OK ? db_begin(db) : rc;
}

static enum db_result
change_one(struct walk *w, struct one *o, const struct query *q, bool goes)
{
	struct value value[KEYS_MOST + 2];
	enum db_result rc;

	value[0] = value_bytes(o->text.p, o->text.len);
	for (size_t k = 0; k < w->nkeys; k++)
		value[k + 1] = value_bytes(buf_str(&o->key[k]), o->key[k].len);
	value[w->nkeys + 1] = value_bytes(o->old.p, o->old.len);
	rc = db_run(w->db, q, value + goes, w->nkeys + 1 + !goes, NULL);
	if (rc == DB_OK && w->from->is_parked && !goes)
		rc = rename_parked(w, o);
	return rc;
}

/* Does what is to be done, in one transaction if it has room for it. */
static enum db_result
change(struct walk *w, const struct query *update, const struct query *remove)
{
	enum db_result rc = DB_OK;

	if (w->ntodo > 0)
		rc = db_begin(w->db);
	for (size_t i = 0; rc == DB_OK && i < w->ntodo; i++) {
		struct one *o = &w->todo[i];
		bool goes = o->text.len == 0;

		rc = make_room(w->db, i);
		if (rc == DB_OK)
			rc = change_one(w, o, goes ? remove : update, goes);
	}
	return w->ntodo > 0 ? db_end(w->db, rc) : rc;
}

/* The next ones; where they are too large for an answer, half as many. */
static enum db_result
ask(struct walk *w)
{
	struct value value[KEYS_MOST + NEEDLES_MOST];
	struct query q = {.whole = true};
	struct buf sql = {0};
	enum db_result rc;

	w->seen = w->ntodo = 0;
	for (size_t i = 0; i < w->nkeys; i++)
		value[i] =
		    value_bytes(buf_str(&w->last.key[i]), w->last.key[i].len);
	for (size_t i = 0; i < needles(w); i++)
		value[w->nkeys + i] = value_text(w->needle[i]);
	do {
		add_question(&sql, w);
		q.sql = sql.p;
		rc =
		    db_select(w->db, &q, value, w->nkeys + needles(w), take, w);
		db_forget(w->db, &q);
		buf_clear(&sql);
	} while (rc != DB_OK && w->db->large && (w->most /= 2) > 0);
	buf_free(&sql);
	return rc;
}

/* Goes over one source, some texts at a time. */
static enum db_result
walk_source(struct walk *w)
{
	struct buf sql[2] = {{0}};
	struct query q[2];
	const bool writes = w->erasing && !w->counted->dry;
	enum db_result rc = DB_OK;

	for (size_t i = 0; i < 2; i++) {
		add_change(&sql[i], w, i == 1);
		q[i] = (struct query){.sql = sql[i].p};
	}
	w->most = TEXTS_AT_ONCE;
	do {
		rc = found_asked(w->found, ask(w));
		if (rc == DB_OK && writes)
			rc = change(w, &q[0], &q[1]);
	} while (rc == DB_OK && w->seen == w->most);
	for (size_t i = 0; i < 2; i++) {
		db_forget(w->db, &q[i]);
		buf_free(&sql[i]);
	}
	return rc;
}

/* Which texts are asked for: those with what was found of these kinds. */
static void
choose_needles(struct walk *w, const struct found *f, bool ids, bool addresses)
{
	for (size_t i = 0; i < f->n; i++) {
		bool is_id = f->text[i].kind == ERASED_ID;

		if (!(is_id ? ids : addresses))
			continue;
		if (w->nneedles == NEEDLES_MOST) {
			w->nneedles = 0;
			return;
		}
		w->needle[w->nneedles++] = f->text[i].text;
	}
}

static enum db_result
walk_all(struct walk *w)
{
	enum db_result rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < NSOURCES; i++) {
		w->from = &sources[i];
		w->table = catalogue_table(w->from->table);
		w->nkeys = 0;
		while (w->nkeys < KEYS_MOST && w->from->key[w->nkeys] != NULL)
			w->nkeys++;
		for (size_t k = 0; k < KEYS_MOST; k++)
			buf_clear(&w->last.key[k]);
		rc = walk_source(w);
	}
	release(w);
	free(w);
	return rc;
}

static struct walk *
walk_new(struct db *db)
{
	struct walk *w = memory_new(1, sizeof *w);

	w->db = db;
	return w;
}

enum db_result
texts_find_ids(struct db *db, struct found *f)
{
	struct walk *w = walk_new(db);

	w->found = f;
	w->look = learn_ids;
	choose_needles(w, f, false, true);
	return walk_all(w);
}

enum db_result
texts_find_addresses(struct db *db, struct found *f)
{
	struct walk *w = walk_new(db);

	w->found = f;
	w->look = learn_addresses;
	choose_needles(w, f, true, false);
	return walk_all(w);
}

enum db_result
texts_erase(struct db *db, struct found *f, struct counted *counted,
    enum erase_step step)
{
	const bool named = found_has(f, ERASED_ADDRESS),
		   any = named || found_has(f, ERASED_HAD);
	struct walk *w;

	if ((step == ERASE_IDS && !any) || (step == ERASE_NAMED && !named))
		return DB_OK;
	w = walk_new(db);
	w->found = f;
	w->erasing = true;
	w->step = step;
	w->counted = counted;
	choose_needles(w, f, true, true);
	return walk_all(w);
}
