/*
 * One line, one group of SQL.  What an event does stands in the catalogue;
 * here it is only carried out, and no type of event has code of its own.
 */
#include <err.h>
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
#include "sha256.h"
#include "sql.h"
#include "timestamp.h"
#include "visible.h"

/* The most names in a column's path: role.slug has two. */
#define MAX_PARTS 4

/* A column's path, cut into names and made ready for jv_object_get. */
struct path {
	jv part[MAX_PARTS];
	size_t nparts;
};

struct decoder {
	const struct table *tables;
	struct sql_table *sql; /* of each table */
	struct path **paths;   /* of each table's columns */
	size_t ntables;
	struct sql_row row;
	struct buf group;
	struct buf mended;
	char event_id[DECODE_MAX_KEY + 1]; /* "" if the line has none */
	char why[DECODE_WHY_SIZE];
};

/* The event at hand. */
struct event {
	struct jsonspan text;
	jv json;
	const struct event_type *type; /* NULL: unknown, for the ledger only */
	const char *name;              /* of its type; lives in json */
	int64_t at;                    /* created_at */
};

/* An object inside it: its meaning, and where to look for its text. */
struct object {
	const struct event *event;
	jv json;
	const char *at; /* path below data */
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
		errx(1, "catalogue: %s: a name is too long", *path);
	memcpy(part, *path, len);
	part[len] = '\0';
	*path += len + ((*path)[len] == '.');
	return len;
}

static struct path
path_make(const char *text)
{
	struct path p = {0};
	char part[COLUMN_NAME_SIZE];

	while (next_part(&text, part) > 0) {
		if (p.nparts == MAX_PARTS)
			errx(1, "catalogue: %s: path is too long", text);
		p.part[p.nparts++] = jv_string(part);
	}
	return p;
}

static void
path_release(struct path *p)
{
	while (p->nparts > 0)
		jv_free(p->part[--p->nparts]);
}

/* The value at the path; an invalid jv where there is none. */
static jv
path_get(const struct path *p, jv object)
{
	jv v = jv_copy(object);

	for (size_t i = 0; i < p->nparts; i++) {
		if (jv_get_kind(v) != JV_KIND_OBJECT) {
			jv_free(v);
			return jv_invalid();
		}
		v = jv_object_get(v, jv_copy(p->part[i]));
	}
	return v;
}

static jv
get(jv object, const char *path)
{
	struct path p = path_make(path);
	jv v = path_get(&p, object);

	path_release(&p);
	return v;
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
	struct decoder *d = calloc(1, sizeof *d);

	if (d == NULL)
		err(1, NULL);
	d->tables = catalogue_tables(&d->ntables);
	d->sql = calloc(d->ntables, sizeof *d->sql);
	d->paths = calloc(d->ntables, sizeof *d->paths);
	if (d->sql == NULL || d->paths == NULL)
		err(1, NULL);
	for (size_t i = 0; i < d->ntables; i++) {
		const struct table *t = &d->tables[i];

		sql_table_init(&d->sql[i], t);
		d->paths[i] = calloc(t->ncolumns, sizeof *d->paths[i]);
		if (d->paths[i] == NULL)
			err(1, NULL);
		for (size_t j = 0; j < t->ncolumns; j++)
			d->paths[i][j] = path_make(t->column[j].path);
	}
	return d;
}

void
decoder_free(struct decoder *d)
{
	for (size_t i = 0; i < d->ntables; i++) {
		for (size_t j = 0; j < d->tables[i].ncolumns; j++)
			path_release(&d->paths[i][j]);
		free(d->paths[i]);
		sql_table_release(&d->sql[i]);
	}
	free(d->paths);
	free(d->sql);
	buf_free(&d->row.text);
	buf_free(&d->group);
	buf_free(&d->mended);
	free(d);
}

const char *
decoder_why(const struct decoder *d)
{
	return d->why;
}

/*
 * Does the value name something: a text of 1 to DECODE_MAX_KEY bytes, without
 * the NUL that no database holds?
 */
static bool
is_key(jv v)
{
	int len;

	if (jv_get_kind(v) != JV_KIND_STRING)
		return false;
	len = jv_string_length_bytes(jv_copy(v));
	return len > 0 && len <= DECODE_MAX_KEY &&
	       strlen(jv_string_value(v)) == (size_t)len;
}

/*
 * Is it the id of an event: printable ASCII without white space, since it is
 * passed on as a line and as a word, and nothing that names a parked group?
 */
static bool
is_event_id(jv v)
{
	const char *s;

	if (!is_key(v))
		return false;
	for (s = jv_string_value(v); *s > ' ' && *s < 0x7F; s++)
		;
	return *s == '\0' && strncmp(jv_string_value(v), "parked:", 7) != 0;
}

/* What a refusal begins with: the object's id, or the event's. */
static const char *
subject(const struct decoder *d, const struct object *o, char *out)
{
	jv id = get(o->json, "id");

	snprintf(out, DECODE_MAX_KEY + 1, "%s",
	    is_key(id) ? jv_string_value(id) : d->event_id);
	jv_free(id);
	return out;
}

static int
refuse_value(struct decoder *d, const struct object *o, const struct column *c,
    const char *what)
{
	char who[DECODE_MAX_KEY + 1];

	return refuse(d, "%.80s: %s %s", subject(d, o, who), c->path, what);
}

static int
put_string(struct buf *out, const struct column *c, jv v)
{
	const char *s = jv_string_value(v);
	size_t len = (size_t)jv_string_length_bytes(jv_copy(v));
	int64_t ms;

	if (c->type == TYPE_TEXT) {
		literal_text(out, s, len);
	} else if (timestamp_parse(s, len, &ms) == 0) {
		literal_int(out, ms);
	} else if (strcmp(s, "null") == 0) {
		/* The API's specification allows this text for no time. */
		buf_puts(out, "NULL");
	} else {
		return -1;
	}
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
put_value(
    struct decoder *d, const struct object *o, const struct column *c, jv v)
{
	static const char *const what[] = {[TYPE_TIME] = "is not a time",
	    [TYPE_BOOL] = "is neither true nor false",
	    [TYPE_INT] = "is not an integer of 64 bits"};
	struct buf *out = &d->row.text;
	jv_kind kind = jv_get_kind(v);
	struct jsonspan text;
	int rc = -1;

	if (kind == JV_KIND_INVALID || kind == JV_KIND_NULL) {
		buf_puts(out, "NULL");
		return 0;
	}
	if (c->type == TYPE_BOOL) {
		if (kind == JV_KIND_TRUE || kind == JV_KIND_FALSE) {
			buf_puts(out, kind == JV_KIND_TRUE ? "TRUE" : "FALSE");
			rc = 0;
		}
	} else if (kind == JV_KIND_STRING && c->type <= TYPE_TIME) {
		rc = put_string(out, c, v);
	} else if (c->type != TYPE_TIME) {
		text = text_at(o->event->text, "data");
		text = text_at(text_at(text, o->at), c->path);
		if (c->type == TYPE_INT)
			rc = put_integer(out, text);
		else
			rc = (literal_json(out, text), 0);
	}
	return rc == 0 ? 0 : refuse_value(d, o, c, what[c->type]);
}

/* Keys and the ids of parents decide where a row is, so they must be there. */
static bool
places_row(const struct table *t, const struct column *c)
{
	if (c->key)
		return true;
	for (size_t i = 0; i < t->nparents; i++)
		if (t->parent[i].column == c)
			return true;
	return false;
}

/* Adds a value of the envelope, if the column holds one. */
static bool
put_provenance(struct decoder *d, const struct event *e, const struct column *c)
{
	struct buf *out = &d->row.text;

	if (strcmp(c->path, "event_id") == 0)
		literal_text(out, d->event_id, strlen(d->event_id));
	else if (strcmp(c->path, "event_type") == 0)
		literal_text(out, e->name, strlen(e->name));
	else if (strcmp(c->path, "event_at") == 0)
		literal_int(out, e->at);
	else
		return false;
	return true;
}

static int
put_column(struct decoder *d, const struct object *o, const struct table *t,
    const struct column *c)
{
	jv v;
	int rc;

	if (put_provenance(d, o->event, c))
		return 0;
	v = path_get(&d->paths[t - d->tables][c - t->column], o->json);
	if (places_row(t, c) && !is_key(v))
		rc = refuse_value(d, o, c, "is missing or no key");
	else
		rc = put_value(d, o, c, v);
	jv_free(v);
	return rc;
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

/* A delete that names its object by an id alone: {"id": that id}. */
static jv
object_of_key(const struct table *t, jv key)
{
	return jv_object_set(jv_object(), jv_string(t->column[0].path), key);
}

static int
put_effect(struct decoder *d, const struct event *e, jv data,
    const struct effect *effect)
{
	const struct table *t = effect->table;
	const struct sql_table *sql = &d->sql[t - d->tables];
	bool delete = effect->kind == EFFECT_DELETE;
	struct object o = {e, get(data, effect->at), effect->at};
	int rc;

	if (delete &&*effect->at != '\0')
		o.json = object_of_key(t, o.json);
	if (jv_get_kind(o.json) != JV_KIND_OBJECT)
		rc = refuse(d, "%.80s: data%s%s is missing or no object",
		    d->event_id, *effect->at ? "." : "", effect->at);
	else
		rc = put_row(d, &o, t, delete);
	jv_free(o.json);
	if (rc == -1)
		return -1;
	if (delete)
		sql_delete(&d->group, sql, &d->row);
	else if (effect->kind == EFFECT_INSERT)
		sql_insert(&d->group, sql, &d->row);
	else
		sql_upsert(&d->group, sql, &d->row);
	return 0;
}

/* Reads id, type and time; sets d->event_id as soon as it is known. */
static int
read_envelope(struct decoder *d, struct event *e)
{
	jv id = get(e->json, "id"), name = get(e->json, "event"),
	   at = get(e->json, "created_at");
	int rc = -1;

	if (is_event_id(id))
		snprintf(
		    d->event_id, sizeof d->event_id, "%s", jv_string_value(id));
	if (jv_get_kind(e->json) != JV_KIND_OBJECT)
		refuse(d, "not an object");
	else if (*d->event_id == '\0')
		refuse(d, "id is missing or no event id");
	else if (!is_key(name))
		refuse(d, "%.80s: event is missing or no name", d->event_id);
	else if (jv_get_kind(at) != JV_KIND_STRING ||
		 timestamp_parse(jv_string_value(at),
		     (size_t)jv_string_length_bytes(jv_copy(at)), &e->at) == -1)
		refuse(d, "%.80s: created_at is missing or not a time",
		    d->event_id);
	else
		rc = 0;
	if (rc == 0) {
		e->name = jv_string_value(name); /* e->json holds it too */
		e->type = catalogue_event_type(e->name);
	}
	jv_free(id);
	jv_free(name);
	jv_free(at);
	return rc;
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
put_ledger(
    struct decoder *d, const struct event *e, const char *line, size_t len)
{
	struct buf *out = &d->group;

	buf_puts(out,
	    "INSERT INTO \"events_cursor\" (\"event_id\",\"event_payload\","
	    "\"created_at\",\"event_type\") VALUES (");
	literal_text(out, d->event_id, strlen(d->event_id));
	buf_putc(out, ',');
	literal_line(out, line, len);
	buf_putc(out, ',');
	literal_int(out, e->at);
	buf_putc(out, ',');
	literal_text(out, e->name, strlen(e->name));
	buf_puts(out, ") ON CONFLICT (\"event_id\") DO NOTHING;\n");
}

/* Makes d->group of an event whose text is good JSON. */
static int
put_group(struct decoder *d, struct event *e, const char *line, size_t len)
{
	jv data;
	int rc = 0;

	if (read_envelope(d, e) == -1)
		return -1;
	buf_clear(&d->group);
	begin_group(&d->group, d->event_id);
	put_ledger(d, e, line, len);
	data = get(e->json, "data");
	for (size_t i = 0; e->type && rc == 0 && i < e->type->neffects; i++)
		rc = put_effect(d, e, data, &e->type->effect[i]);
	jv_free(data);
	end_group(&d->group, d->event_id);
	return rc;
}

/* Refuses what libjq could not read, for its own reason, and frees it. */
static int
refuse_jv(struct decoder *d, jv invalid)
{
	jv why = jv_invalid_get_msg(invalid);

	refuse(d, "libjq: %s",
	    jv_get_kind(why) == JV_KIND_STRING ? jv_string_value(why) : "");
	jv_free(why);
	return -1;
}

static int
put_event(struct decoder *d, const char *line, size_t len)
{
	struct event e = {0};
	const char *why;
	size_t at;
	int rc;

	e.text = jsontext_check(line, len, &why, &at);
	if (e.text.p == NULL)
		return refuse(d, "not JSON: byte %zu: %s", at + 1, why);
	e.text = jsontext_mend(e.text, &d->mended);
	e.json = jv_parse_sized(e.text.p, (int)e.text.len);
	if (!jv_is_valid(e.json))
		return refuse_jv(d, e.json);
	rc = put_group(d, &e, line, len);
	jv_free(e.json);
	return rc;
}

/* parked: and half of a SHA-256, so that no line can hide behind another. */
static void
parked_id(const char *line, size_t len, size_t size, char out[40])
{
	char hex[SHA256_HEX_SIZE], tail[24];
	struct sha256 hash;

	sha256_init(&hash);
	sha256_add(&hash, line, len);
	snprintf(tail, sizeof tail, "+%zu", size - len);
	if (size > len)
		sha256_add(&hash, tail, strlen(tail));
	sha256_hex(&hash, hex);
	snprintf(out, 40, "parked:%.32s", hex);
}

static void
put_parked(struct decoder *d, const char *line, size_t len, size_t size)
{
	struct buf *out = &d->group;
	const char *name = d->event_id;
	char id[40];

	parked_id(line, len, size, id);
	if (*name == '\0')
		name = id;
	buf_clear(out);
	begin_group(out, name);
	buf_puts(out,
	    "INSERT INTO \"parked_event\" (\"id\",\"event_id\",\"kind\","
	    "\"text\",\"reason\") VALUES (");
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
	buf_puts(out, ") ON CONFLICT (\"id\") DO UPDATE SET "
		      "\"reason\"=excluded.\"reason\";\n");
	end_group(out, name);
}

int
decoder_line(struct decoder *d, const char *line, size_t len, size_t size,
    struct buf *out)
{
	int rc;

	*d->event_id = '\0';
	if (size > len)
		rc = refuse(d, "%zu bytes, a line may have %zu", size, len);
	else
		rc = put_event(d, line, len);
	if (rc == -1)
		put_parked(d, line, len, size);
	buf_add(out, d->group.p, d->group.len);
	return rc;
}
