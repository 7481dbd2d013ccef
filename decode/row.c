/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "item.h"
#include "literal.h"
#include "log.h"
#include "row.h"
#include "timestamp.h"

/* An object inside the event, or the event itself. */
struct object {
	struct event *event;
	struct jsonmembers members;
	char key[COLUMN_NAME_SIZE + 2]; /* find_object's */
};

/* The name that begins at *path, without its dot; moves *path behind it. */
static void
next_part(const char **path, char part[COLUMN_NAME_SIZE])
{
	size_t len = strcspn(*path, ".");

	if (len >= COLUMN_NAME_SIZE)
		log_errx(1, "catalogue: %s: a name is too long", *path);
	memcpy(part, *path, len);
	part[len] = '\0';
	*path += len + ((*path)[len] == '.');
}

/* What a refusal begins with if the object has no id. */
static const char *
label(struct event *e)
{
	return e->listed != NULL ? buf_str(&e->name) : e->id;
}

/* A refusal begins with the object's id, or the event's. */
static int
refuse_value(const struct object *o, const struct column *c, const char *what)
{
	struct jsonspan id = jsontext_find(&o->members, "id");
	struct event *e = o->event;

	if (event_is_key(e, id))
		id = event_string(e, id);
	else
		id = (struct jsonspan){label(e), strlen(label(e))};
	return event_refuse(e, "%.*s: %s %s", id.len < 80 ? (int)id.len : 80,
	    id.p, c->path, what);
}

static int
put_time(struct buf *out, struct jsonspan s)
{
	int64_t ms;

	if (timestamp_parse(s.p, s.len, &ms) == 0)
		literal_int(out, ms);
	else if (s.len == 4 && memcmp(s.p, "null", 4) == 0)
		buf_puts(out, "NULL"); /* the API's specification allows it */
	else
		return -1;
	return 0;
}

static int
put_integer(struct buf *out, struct jsonspan text)
{
	int64_t value;

	if (event_integer(text, &value) == -1)
		return -1;
	literal_int(out, value);
	return 0;
}

/*
 * Adds the value as its column's literal.  A text column takes any value, as
 * JSON if it is no string: better than to lose it.
 */
static int
put_value(struct buf *out, struct event *e, const struct column *c,
    struct jsonspan text)
{
	if (text.p == NULL || *text.p == 'n') {
		buf_puts(out, "NULL");
		return 0;
	}
	switch (c->type) {
	case TYPE_TEXT:
		if (*text.p == '"') {
			text = event_string(e, text);
			literal_text(out, text.p, text.len);
			return 0;
		}
		/* FALLTHROUGH */
	case TYPE_JSON:
		literal_json(out, text);
		return 0;
	case TYPE_TIME:
		return *text.p == '"' ? put_time(out, event_string(e, text))
				      : -1;
	case TYPE_BOOL:
		buf_puts(out, *text.p == 't' ? "TRUE" : "FALSE");
		return *text.p == 't' || *text.p == 'f' ? 0 : -1;
	case TYPE_INT:
		return put_integer(out, text);
	}
	return -1;
}

/* Adds a value of the envelope, if the column holds one. */
static bool
put_provenance(struct buf *out, struct event *e, const struct column *c)
{
	if (*c->path != 'e' || strncmp(c->path, "event_", 6) != 0)
		return false;
	if (strcmp(c->path, "event_id") == 0 && e->listed != NULL)
		buf_puts(out, "NULL");
	else if (strcmp(c->path, "event_id") == 0)
		literal_text(out, e->id, strlen(e->id));
	else if (strcmp(c->path, "event_type") == 0)
		literal_text(out, e->name.p, e->name.len);
	else if (strcmp(c->path, "event_at") == 0)
		literal_int(out, e->at);
	else
		return false;
	return true;
}

/* The text of a column's value: most paths are a single name. */
static struct jsonspan
column_text(const struct object *o, const struct column *c)
{
	char part[COLUMN_NAME_SIZE];
	const char *path = c->path;

	if (!c->nested)
		return jsontext_find(&o->members, path);
	next_part(&path, part);
	return jsontext_at(jsontext_find(&o->members, part), path);
}

static int
put_column(struct buf *out, const struct object *o, const struct table *t,
    const struct column *c)
{
	static const char *const what[] = {[TYPE_TIME] = "is not a time",
	    [TYPE_BOOL] = "is neither true nor false",
	    [TYPE_INT] = "is not an integer of 64 bits"};
	struct jsonspan text;

	if (put_provenance(out, o->event, c))
		return 0;
	text = column_text(o, c);
	if (o->event->listed != NULL)
		item_text(o->event, c, &text);
	if (table_needs(t, c) && !event_is_key(o->event, text))
		return refuse_value(o, c, "is missing or no key");
	if (put_value(out, o->event, c, text) == -1)
		return refuse_value(o, c, what[c->type]);
	return 0;
}

/*
 * Finds the effect's object.  That of a delete by an id alone has one member,
 * the key, with that id.
 */
static int
find_object(const struct effect *effect, struct object *o)
{
	struct jsonspan text = jsontext_at(o->event->data, effect->at);

	if (effect->kind == EFFECT_DELETE && *effect->at != '\0') {
		snprintf(o->key, sizeof o->key, "\"%s\"",
		    effect->table->column[0].path);
		o->members.n = 1;
		o->members.member[0].name =
		    (struct jsonspan){o->key, strlen(o->key)};
		o->members.member[0].value = text;
		return 0;
	}
	if (jsontext_members(text, &o->members) == 0)
		return 0;
	return event_refuse(o->event,
	    "%.80s: data%s%s is missing or no object of up to %d "
	    "members",
	    label(o->event), *effect->at ? "." : "", effect->at,
	    JSONTEXT_MAX_MEMBERS);
}

int
row_make(struct sql_row *row, struct event *e, const struct effect *effect)
{
	const bool keys_only = effect->kind == EFFECT_DELETE;
	const struct table *t = effect->table;
	struct object o;

	o.event = e;
	if (find_object(effect, &o) == -1)
		return -1;
	buf_clear(&row->text);
	for (row->n = 0; row->n < t->ncolumns; row->n++) {
		const struct column *c = &t->column[row->n];

		if (keys_only && !c->key)
			(void)put_provenance(&row->text, e, c);
		else if (put_column(&row->text, &o, t, c) == -1)
			return -1;
		row->end[row->n] = row->text.len;
	}
	return 0;
}
