/* SPDX-License-Identifier: MIT */
/*
 * One line, one group of SQL.  What an event does stands in the catalogue;
 * here it is only carried out, and no type of event has code of its own.
 */
#include <errno.h>
#include <inttypes.h>
#include <jv.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "decode.h"
#include "literal.h"
#include "log.h"
#include "memory.h"
#include "mend.h"
#include "parked_id.h"
#include "sql.h"
#include "timestamp.h"
#include "visible.h"

/* What one huge event has taken is not kept for the next. */
#define KEPT_BYTES ((size_t)256 * 1024)

struct decoder {
	const struct table *tables;
	struct sql_table *sql; /* of each table */
	size_t ntables;
	struct sql_row row;
	struct buf mended;    /* the line, if it had to be mended */
	struct buf unescaped; /* the string at hand, if it has escapes */
	struct buf type;      /* the event's, by name */
	char event_id[DECODE_MAX_KEY + 1]; /* "" if the line has none */
	char why[DECODE_WHY_SIZE];
};

/* The event at hand. */
struct event {
	struct jsonspan name;          /* of its type */
	const struct event_type *type; /* NULL: unknown, for the ledger only */
	int64_t at;                    /* created_at */
	struct jsonspan data;          /* its text */
};

/* An object inside it, or the event itself. */
struct object {
	const struct event *event;
	struct jsonmembers members;
	char key[COLUMN_NAME_SIZE + 2]; /* find_object's */
};

static int __attribute__((format(printf, 2, 3)))
refuse(struct decoder *d, const char *fmt, ...)
{
	char why[DECODE_WHY_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	visible(d->why, sizeof d->why, why, strlen(why));
	return -1;
}

/* The name that begins at *path, without its dot; moves *path behind it. */
static size_t
next_part(const char **path, char part[COLUMN_NAME_SIZE])
{
	size_t len = strcspn(*path, ".");

	if (len >= COLUMN_NAME_SIZE)
		log_errx(1, "catalogue: %s: a name is too long", *path);
	memcpy(part, *path, len);
	part[len] = '\0';
	*path += len + ((*path)[len] == '.');
	return len;
}

static struct jsonspan
text_at(struct jsonspan text, const char *path)
{
	char part[COLUMN_NAME_SIZE];

	while (next_part(&path, part) > 0)
		text = jsontext_member(text, part);
	return text;
}

struct decoder *
decoder_new(void)
{
	struct decoder *d = memory_new(1, sizeof *d);

	d->tables = catalogue_tables(&d->ntables);
	d->sql = memory_new(d->ntables, sizeof *d->sql);
	for (size_t i = 0; i < d->ntables; i++)
		sql_table_init(&d->sql[i], &d->tables[i]);
	return d;
}

void
decoder_free(struct decoder *d)
{
	for (size_t i = 0; i < d->ntables; i++)
		sql_table_release(&d->sql[i]);
	free(d->sql);
	buf_free(&d->row.text);
	buf_free(&d->mended);
	buf_free(&d->unescaped);
	buf_free(&d->type);
	free(d);
}

const char *
decoder_why(const struct decoder *d)
{
	return d->why;
}

const char *
decoder_event_id(const struct decoder *d)
{
	return d->event_id;
}

/*
 * What a string means: the bytes between its quotes, or, where it has
 * escapes, what libjq makes of them.  libjq 1.6 passes over good bytes behind
 * some that are no UTF-8, so it sees none of these.  Valid until the next call.
 */
static struct jsonspan
string_value(struct decoder *d, struct jsonspan text)
{
	struct jsonspan inside = {text.p + 1, text.len - 2};
	jv v;

	if (memchr(inside.p, '\\', inside.len) == NULL)
		return inside;
	buf_clear(&d->unescaped);
	mend_utf8(&d->unescaped, text.p, text.len);
	v = jv_parse_sized(d->unescaped.p, (int)d->unescaped.len);
	buf_clear(&d->unescaped);
	if (jv_get_kind(v) == JV_KIND_STRING)
		buf_puts(&d->unescaped, jv_string_value(v));
	jv_free(v);
	return (struct jsonspan){buf_str(&d->unescaped), d->unescaped.len};
}

static bool
is_string(struct jsonspan text)
{
	return text.p != NULL && *text.p == '"';
}

/* Does the value name something: a string of 1 to DECODE_MAX_KEY bytes? */
static bool
is_key(struct decoder *d, struct jsonspan text)
{
	size_t len = is_string(text) ? string_value(d, text).len : 0;

	return len > 0 && len <= DECODE_MAX_KEY;
}

/*
 * Is it the id of an event: printable ASCII without white space, since it is
 * passed on as a line and as a word, without the quote that would end the name
 * of its group, and nothing that names a parked one?
 */
static bool
is_event_id(struct jsonspan id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.p[i] <= ' ' || id.p[i] >= 0x7F || id.p[i] == '"')
			return false;
	return id.len > 0 && id.len <= DECODE_MAX_KEY &&
	       (id.len < 7 || memcmp(id.p, "parked:", 7) != 0);
}

/* A refusal begins with the object's id, or the event's. */
static int
refuse_value(struct decoder *d, const struct object *o, const struct column *c,
    const char *what)
{
	struct jsonspan id = jsontext_find(&o->members, "id");

	if (is_key(d, id))
		id = string_value(d, id);
	else
		id = (struct jsonspan){d->event_id, strlen(d->event_id)};
	return refuse(d, "%.*s: %s %s", id.len < 80 ? (int)id.len : 80, id.p,
	    c->path, what);
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

/* An integer of 64 bits, digit for digit; libjq would have rounded it. */
static int
put_integer(struct buf *out, struct jsonspan text)
{
	char digits[24], *end;
	intmax_t value;

	if (text.len >= sizeof digits)
		return -1;
	memcpy(digits, text.p, text.len);
	digits[text.len] = '\0';
	errno = 0;
	value = strtoimax(digits, &end, 10);
	if (errno != 0 || *end != '\0')
		return -1;
	literal_int(out, value);
	return 0;
}

/*
 * Adds the value as its column's literal.  A text column takes any value, as
 * JSON if it is no string: better than to lose it.
 */
static int
put_value(struct decoder *d, const struct column *c, struct jsonspan text)
{
	struct buf *out = &d->row.text;

	if (text.p == NULL || *text.p == 'n') {
		buf_puts(out, "NULL");
		return 0;
	}
	switch (c->type) {
	case TYPE_TEXT:
		if (*text.p == '"') {
			text = string_value(d, text);
			literal_text(out, text.p, text.len);
			return 0;
		}
		/* FALLTHROUGH */
	case TYPE_JSON:
		literal_json(out, text);
		return 0;
	case TYPE_TIME:
		return *text.p == '"' ? put_time(out, string_value(d, text))
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
put_provenance(struct decoder *d, const struct event *e, const struct column *c)
{
	struct buf *out = &d->row.text;

	if (*c->path != 'e' || strncmp(c->path, "event_", 6) != 0)
		return false;
	if (strcmp(c->path, "event_id") == 0)
		literal_text(out, d->event_id, strlen(d->event_id));
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
	return text_at(jsontext_find(&o->members, part), path);
}

static int
put_column(struct decoder *d, const struct object *o, const struct table *t,
    const struct column *c)
{
	static const char *const what[] = {[TYPE_TIME] = "is not a time",
	    [TYPE_BOOL] = "is neither true nor false",
	    [TYPE_INT] = "is not an integer of 64 bits"};
	struct jsonspan text;

	if (put_provenance(d, o->event, c))
		return 0;
	text = column_text(o, c);
	if (table_needs(t, c) && !is_key(d, text))
		return refuse_value(d, o, c, "is missing or no key");
	if (put_value(d, c, text) == -1)
		return refuse_value(d, o, c, what[c->type]);
	return 0;
}

/* Makes d->row.  Of a delete's row only what sql_delete looks at. */
static int
put_row(struct decoder *d, const struct object *o, const struct table *t,
    bool keys_only)
{
	struct sql_row *row = &d->row;

	buf_clear(&row->text);
	for (row->n = 0; row->n < t->ncolumns; row->n++) {
		const struct column *c = &t->column[row->n];

		if (keys_only && !c->key)
			(void)put_provenance(d, o->event, c);
		else if (put_column(d, o, t, c) == -1)
			return -1;
		row->end[row->n] = row->text.len;
	}
	return 0;
}

/*
 * Finds the effect's object.  That of a delete by an id alone has one member,
 * the key, with that id.
 */
static int
find_object(struct decoder *d, const struct effect *effect, struct object *o)
{
	struct jsonspan text = text_at(o->event->data, effect->at);

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
	return refuse(d,
	    "%.80s: data%s%s is missing or no object of up to %d "
	    "members",
	    d->event_id, *effect->at ? "." : "", effect->at,
	    JSONTEXT_MAX_MEMBERS);
}

static int
put_effect(struct decoder *d, const struct event *e,
    const struct effect *effect, struct buf *out)
{
	const struct table *t = effect->table;
	const struct sql_table *sql = &d->sql[t - d->tables];
	struct object o;

	o.event = e;
	if (find_object(d, effect, &o) == -1 ||
	    put_row(d, &o, t, effect->kind == EFFECT_DELETE) == -1)
		return -1;
	switch (effect->kind) {
	case EFFECT_UPSERT:
		sql_upsert(out, sql, &d->row);
		break;
	case EFFECT_INSERT:
		sql_insert(out, sql, &d->row);
		break;
	case EFFECT_DELETE:
		sql_delete(out, sql, &d->row);
		break;
	}
	return 0;
}

/* Keeps the name of the event's type, for which the catalogue is asked. */
static void
read_type(struct decoder *d, struct event *e, struct jsonspan name)
{
	name = string_value(d, name);
	buf_clear(&d->type);
	buf_add(&d->type, name.p, name.len);
	e->name = (struct jsonspan){buf_str(&d->type), d->type.len};
	e->type = catalogue_event_type(e->name.p);
}

static int
read_time(struct decoder *d, struct jsonspan text, int64_t *ms)
{
	if (!is_string(text))
		return -1;
	text = string_value(d, text);
	return timestamp_parse(text.p, text.len, ms);
}

/* Reads id, type and time; sets d->event_id as soon as it is known. */
static int
read_envelope(struct decoder *d, struct event *e, struct jsonspan text)
{
	enum { ID, TYPE, AT, DATA, MEMBERS };
	static const char *const name[] = {"id", "event", "created_at", "data"};
	struct jsonspan member[MEMBERS], id = {0};

	jsontext_pick(text, MEMBERS, name, member);
	e->data = member[DATA];
	if (is_string(member[ID]))
		id = string_value(d, member[ID]);
	if (is_event_id(id))
		snprintf(
		    d->event_id, sizeof d->event_id, "%.*s", (int)id.len, id.p);
	if (*text.p != '{')
		return refuse(d, "not an object");
	if (*d->event_id == '\0')
		return refuse(d, "id is missing or no event id");
	if (!is_string(member[TYPE]) || member[TYPE].len == 2)
		return refuse(
		    d, "%.80s: event is missing or no name", d->event_id);
	if (read_time(d, member[AT], &e->at) == -1)
		return refuse(d, "%.80s: created_at is missing or not a time",
		    d->event_id);
	read_type(d, e, member[TYPE]);
	return 0;
}

static void
begin_group(struct buf *out, const char *name)
{
	buf_puts(out, "SAVEPOINT ");
	literal_name(out, name, strlen(name));
	buf_puts(out, ";\n");
}

static void
end_group(struct buf *out, const char *name)
{
	buf_puts(out, "RELEASE ");
	literal_name(out, name, strlen(name));
	buf_puts(out, ";\n");
}

static void
put_ledger(struct decoder *d, const struct event *e, const char *line,
    size_t len, struct buf *out)
{
	buf_puts(out,
	    "INSERT INTO \"events_cursor\" (\"event_id\",\"event_payload\","
	    "\"created_at\",\"event_type\") VALUES (");
	literal_text(out, d->event_id, strlen(d->event_id));
	buf_putc(out, ',');
	literal_line(out, line, len);
	buf_putc(out, ',');
	literal_int(out, e->at);
	buf_putc(out, ',');
	literal_text(out, e->name.p, e->name.len);
	buf_puts(out, ") ON CONFLICT (\"event_id\") DO NOTHING;\n");
}

/* Adds the group of an event whose text, perhaps mended, is good. */
static int
put_group(struct decoder *d, struct jsonspan text, const char *line, size_t len,
    struct buf *out)
{
	struct event e = {0};
	int rc = 0;

	if (read_envelope(d, &e, text) == -1)
		return -1;
	begin_group(out, d->event_id);
	put_ledger(d, &e, line, len, out);
	for (size_t i = 0; e.type && rc == 0 && i < e.type->neffects; i++)
		rc = put_effect(d, &e, &e.type->effect[i], out);
	end_group(out, d->event_id);
	return rc;
}

static int
put_event(struct decoder *d, const char *line, size_t len, struct buf *out)
{
	struct jsonspan text;
	const char *why;
	size_t at;

	text = jsontext_check(line, len, &why, &at);
	if (text.p == NULL)
		return refuse(d, "not JSON: byte %zu: %s", at + 1, why);
	text = jsontext_mend(text, &d->mended);
	return put_group(d, text, line, len, out);
}

/*
 * Unless another line of this event has been applied: a good one ends what is
 * parked, and a bad one that comes later must not begin it again.
 */
static void
put_parked(struct decoder *d, const char *line, size_t len, size_t size,
    struct buf *out)
{
	const char *name = d->event_id;
	char id[PARKED_ID_SIZE];

	parked_id(line, len, size, id);
	if (*name == '\0')
		name = id;
	begin_group(out, name);
	buf_puts(out,
	    "INSERT INTO \"parked_event\" (\"id\",\"event_id\",\"kind\","
	    "\"text\",\"reason\") SELECT ");
	literal_text(out, id, strlen(id));
	buf_putc(out, ',');
	if (name == d->event_id)
		literal_text(out, name, strlen(name));
	else
		buf_puts(out, "NULL");
	buf_puts(out, size > len ? ",'beginning'," : ",'line',");
	literal_line(out, line, len);
	buf_putc(out, ',');
	literal_text(out, d->why, strlen(d->why));
	buf_puts(out, " WHERE NOT EXISTS (SELECT \"event_id\" FROM "
		      "\"events_cursor\" WHERE \"event_id\"=");
	literal_text(out, name, strlen(name));
	buf_puts(out, " AND \"event_payload\"<>");
	literal_line(out, line, len);
	buf_puts(out, ") ON CONFLICT (\"id\") DO UPDATE SET "
		      "\"reason\"=excluded.\"reason\";\n");
	end_group(out, name);
}

int
decoder_line(struct decoder *d, const char *line, size_t len, size_t size,
    struct buf *out)
{
	size_t whole = out->len;
	int rc;

	*d->event_id = '\0';
	buf_trim(&d->row.text, KEPT_BYTES);
	buf_trim(&d->mended, KEPT_BYTES);
	buf_trim(&d->unescaped, KEPT_BYTES);
	if (size > len)
		rc = refuse(d, "%zu bytes, a line may have %zu", size, len);
	else
		rc = put_event(d, line, len, out);
	if (rc == -1) {
		out->len = whole; /* a group that was begun */
		put_parked(d, line, len, size, out);
	}
	return rc;
}
