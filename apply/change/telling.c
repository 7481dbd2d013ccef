/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "change/line.h"
#include "change/telling.h"
#include "event_id.h"
#include "memory.h"

static void
keep_last(struct telling *t, const struct table *table,
    const struct value *before, const struct value *after)
{
	row_free(&t->last.old);
	row_free(&t->last.new);
	t->last.table = table;
	if (before != NULL)
		row_copy(&t->last.old, table, before, table->ncolumns);
	if (after != NULL)
		row_copy(&t->last.new, table, after, table->ncolumns);
}

/*
 * The id is of an event that the ledger has got here: so ids come in the order
 * of the ledger.  An event that is decoded again, for what has come back with
 * its parent, would come out of that order.
 */
static void
add_line(void *arg, const struct table *table, const struct value *before,
    const struct value *after)
{
	struct telling *t = arg;
	const struct origin *o = t->origin;
	const struct cause cause = {o->new ? o->event_id : NULL, o->at};

	buf_clear(&t->line);
	if (t->by_lines) {
		change_line(&t->line, &cause, table, before, after);
		spool_add(&t->lines, &t->line);
	}
	buf_clear(&t->line);
	if (t->by_notices) {
		change_notice(&t->line, &cause, table, before, after);
		spool_add(&t->notices, &t->line);
	}
	if (before != NULL || after != NULL)
		keep_last(t, table, before, after);
}

void
telling_flush(struct telling *t)
{
	pending_tell(t->pending, add_line, t);
}

static void
turn_to(struct telling *t, struct origin *o)
{
	if (t->origin == o)
		return;
	telling_flush(t);
	t->origin = o;
}

static void
take_row(void *arg, void *from, const struct table *table,
    const struct value *before, const struct value *after)
{
	struct telling *t = arg;

	turn_to(t, from);
	if (before != NULL && after != NULL &&
	    row_is_same(table, before, after))
		return;
	if (pending_is_full(t->pending))
		telling_flush(t);
	pending_add(t->pending, table, before, after);
}

static void
take_unknown(void *arg, void *from, const struct table *table, const char *sql)
{
	struct telling *t = arg;

	(void)sql;
	turn_to(t, from);
	telling_flush(t);
	add_line(t, table, NULL, NULL);
}

/* The ledger's row of the event. */
static void
take_counted(void *arg, void *from, int64_t changed)
{
	struct telling *t = arg;
	struct origin *o = from;

	o->new = changed > 0;
	if (o->new)
		t->newest = o;
}

struct watcher
telling_watcher(struct telling *t)
{
	return (struct watcher){take_row, take_unknown, take_counted, t};
}

struct origin *
telling_origin(struct telling *t, const struct db_place *at)
{
	struct origin *o = t->origins;

	if (o != NULL && o->group == at->group)
		return o;
	o = memory_new(1, sizeof *o);
	o->group = at->group;
	o->at = INT64_MIN;
	o->next = t->origins;
	return t->origins = o;
}

/* What an INSERT puts into the column, or NULL. */
static const struct value *
value_of(const struct form *form, const struct ran *r, const char *column,
    enum value_type type)
{
	const struct column *c = table_column(form->table, column);
	size_t mark = c != NULL ? form->mark[c - form->table->column] : 0;

	return mark > 0 && r->value[mark - 1].type == type ? &r->value[mark - 1]
							   : NULL;
}

static void
note_event(struct origin *o, const struct value *id)
{
	if (o->event_id != NULL || id == NULL ||
	    !event_id_is_sound(id->text, id->len))
		return;
	o->event_id = strndup(id->text, id->len);
	if (o->event_id == NULL)
		memory_out();
}

void
telling_note(struct origin *o, const struct form *form, const struct ran *r)
{
	static const struct {
		const char *table, *time;
	} says[] = {{"events_cursor", "created_at"},
	    {"listed_object", "listed_at"}, {"tombstone", "event_at"}};
	const struct value *at = NULL;

	for (size_t i = 0; i < sizeof says / sizeof *says; i++)
		if (strcmp(form->table->name, says[i].table) == 0)
			at = value_of(form, r, says[i].time, VALUE_INT);
	if (at != NULL)
		o->at = at->i;
	if (strcmp(form->table->name, says[0].table) == 0)
		note_event(o, value_of(form, r, "event_id", VALUE_TEXT));
}

/* What is pending is forgotten, and lines behind these lengths. */
static void
forget(struct telling *t, size_t lines, size_t notices)
{
	pending_forget(t->pending);
	t->origin = NULL;
	spool_cut(&t->lines, lines);
	spool_cut(&t->notices, notices);
}

void
telling_mark(struct telling *t)
{
	telling_flush(t);
	t->lines_mark = spool_size(&t->lines);
	t->notices_mark = spool_size(&t->notices);
}

void
telling_undo(struct telling *t)
{
	forget(t, t->lines_mark, t->notices_mark);
}

void
telling_clear(struct telling *t)
{
	struct origin *o;

	forget(t, 0, 0);
	t->newest = NULL;
	t->last.table = NULL;
	while ((o = t->origins) != NULL) {
		t->origins = o->next;
		free(o->event_id);
		free(o);
	}
}

void
telling_init(struct telling *t, const struct spool spools[2])
{
	*t = (struct telling){.lines = spools[0], .notices = spools[1]};
	t->pending = memory_new(1, sizeof *t->pending);
}

void
telling_release(struct telling *t)
{
	telling_clear(t);
	free(t->pending);
	row_free(&t->last.old);
	row_free(&t->last.new);
	spool_free(&t->lines);
	spool_free(&t->notices);
	buf_free(&t->line);
}
