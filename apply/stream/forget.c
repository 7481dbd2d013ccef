/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "envelope.h"
#include "forget.h"
#include "forget/scan.h"
#include "forget/strip.h"

enum db_result
forget_begin(struct forget *f, struct db *db)
{
	enum db_result rc = DB_OK;

	if (!db->ops->at_once || !f->read)
		rc = forgotten_read(&f->what, db);
	f->read = rc == DB_OK;
	return rc;
}

enum db_result
forget_end(const struct forget *f, struct db *db)
{
	return forgotten_guard(&f->what, db);
}

bool
forget_is_late(struct forget *f, struct db *db)
{
	if (!forgotten_has_changed(db))
		return false;
	snprintf(db->why, sizeof db->why,
	    "meanwhile someone was erased, or facts were pruned");
	f->read = false;
	return true;
}

void
forget_release(struct forget *f)
{
	forgotten_release(&f->what);
	buf_free(&f->text);
}

/* What the statement puts into a column, or NULL. */
static struct value *
value_of(const struct form *form, struct statement *s, const struct column *c)
{
	size_t mark = c != NULL ? form->mark[c - form->table->column] : 0;

	return mark > 0 ? &s->value[mark - 1] : NULL;
}

static struct value *
value_named(const struct form *form, struct statement *s, const char *column)
{
	return value_of(form, s, table_column(form->table, column));
}

/* A statement as a row: its values. */
struct given {
	const struct form *form;
	struct statement *s;
};

static bool
text_of(void *arg, const struct column *c, const char **text, size_t *len)
{
	struct given *g = arg;
	const struct value *v = value_of(g->form, g->s, c);

	if (v == NULL || v->type != VALUE_TEXT)
		return false;
	*text = v->text;
	*len = v->len;
	return true;
}

static bool
time_of(void *arg, const struct column *c, int64_t *ms)
{
	struct given *g = arg;
	const struct value *v = value_of(g->form, g->s, c);

	if (v == NULL || v->type != VALUE_INT)
		return false;
	*ms = v->i;
	return true;
}

/* All values that are this text become another, or NULL. */
static void
replace(struct statement *s, struct value old, struct value new)
{
	for (size_t i = 0; i < s->nvalues; i++)
		if (s->value[i].type == VALUE_TEXT &&
		    s->value[i].len == old.len &&
		    memcmp(s->value[i].text, old.text, old.len) == 0)
			s->value[i] = new;
}

/* A line that can't be read is left as the event that it is of. */
static bool
make_envelope(struct forget *f, const struct form *form, struct statement *s)
{
	const struct value *id = value_named(form, s, "event_id"),
			   *type = value_named(form, s, "event_type"),
			   *at = value_named(form, s, "created_at");

	if (id == NULL || type == NULL || at == NULL ||
	    id->type != VALUE_TEXT || type->type != VALUE_TEXT ||
	    at->type != VALUE_INT)
		return false;
	envelope_add(&f->text, (struct jsonspan){id->text, id->len},
	    (struct jsonspan){type->text, type->len}, at->i);
	return true;
}

/* It is known by the hash of what is left, as wos-apply --erase has it. */
static void
rename_parked(struct forget *f, const struct form *form, struct statement *s)
{
	struct value *id = value_named(form, s, "id");

	parked_id(f->text.p, f->text.len, f->text.len, f->parked_id);
	if (id != NULL && id->type == VALUE_TEXT)
		replace(s, *id, value_text(f->parked_id));
}

/* A text that is a line. */
static enum forget_course
forget_line(struct forget *f, const struct form *form, struct statement *s,
    struct value *line)
{
	struct value *reason = value_named(form, s, "reason");
	enum stripped rc;

	if (line == NULL || line->type != VALUE_TEXT)
		return FORGET_NOTHING;
	buf_clear(&f->text);
	rc = strip_line(&f->what.erased, line->text, line->len, &f->text);
	if (rc == STRIP_NONE)
		return FORGET_NOTHING;
	if (rc == STRIP_BLANK && !make_envelope(f, form, s))
		return FORGET_ALL;
	replace(s, *line, value_bytes(f->text.p, f->text.len));
	if (table_column(form->table, "reason") != NULL)
		rename_parked(f, form, s);
	if (reason != NULL && reason->type == VALUE_TEXT)
		*reason = value_text(FORGOTTEN_REASON);
	return FORGET_SOME;
}

/* Is any value the id or the address of one of them? */
static bool
names_one(const struct forget *f, const struct statement *s)
{
	for (size_t i = 0; i < s->nvalues; i++)
		if (s->value[i].type == VALUE_TEXT &&
		    (erased_has_id(
			 &f->what.erased, s->value[i].text, s->value[i].len) ||
			erased_has_address(&f->what.erased, s->value[i].text,
			    s->value[i].len, INT64_MIN, false)))
			return true;
	return false;
}

/* The personal columns of the row become NULL. */
static enum forget_course
forget_columns(const struct form *form, struct statement *s)
{
	const struct table *t = form->table;
	struct value *v;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (person_loses(t, &t->column[i]) &&
		    (v = value_of(form, s, &t->column[i])) != NULL)
			*v = value_text(NULL);
	return FORGET_SOME;
}

static enum forget_course
forget_row(struct forget *f, const struct form *form, struct statement *s)
{
	struct given g = {form, s};
	struct person_row row = {form->table, text_of, time_of, &g};
	const struct value *at = value_named(form, s, "event_at");

	f->owner = NULL;
	if (!form->by_key)
		return names_one(f, s) ? FORGET_REFUSED : FORGET_NOTHING;
	if (!person_is_erased(&row, &f->what.erased,
		at != NULL && at->type == VALUE_INT ? at->i : INT64_MIN))
		return FORGET_NOTHING;
	f->owner = form->table;
	return forget_columns(form, s);
}

/* The columns that no item has are an event's: of the row before. */
static enum forget_course
forget_update(struct forget *f, const struct form *form, struct statement *s)
{
	if (f->owner == form->table || names_one(f, s))
		return forget_columns(form, s);
	return FORGET_NOTHING;
}

/* Is it a fact that was pruned, or would have been? */
static bool
is_old_fact(
    const struct forget *f, const struct form *form, struct statement *s)
{
	const struct value *at;

	if (form->table->kind != TABLE_FACT || form->verb != VERB_INSERT)
		return false;
	at = value_named(form, s, "event_at");
	return at != NULL && at->type == VALUE_INT && at->i < f->what.facts;
}

enum forget_course
forget_statement(struct forget *f, const struct form *form, struct statement *s)
{
	const struct table *t = form->table;
	static const char *const texts[] = {"event_payload", "payload", "text"};

	if (is_old_fact(f, form, s))
		return FORGET_ALL;
	if (f->what.erased.n == 0 || form->verb == VERB_DELETE)
		return FORGET_NOTHING;
	if (t->kind == TABLE_SYSTEM) {
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			if (table_column(t, texts[i]) != NULL)
				return forget_line(
				    f, form, s, value_named(form, s, texts[i]));
		return FORGET_NOTHING;
	}
	if (t->npersons + t->naddresses + t->nothers == 0)
		return FORGET_NOTHING;
	return form->verb == VERB_INSERT ? forget_row(f, form, s)
					 : forget_update(f, form, s);
}
