/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "forget/scan.h"
#include "forget/strip.h"
#include "json_string.h"
#include "lists.h"
#include "timestamp.h"

/* Effects of an event at most; a change of a group has three. */
#define PARTS_MOST 8

/* A path: the place of an object, and of a column in it. */
#define PATH_SIZE ((size_t)2 * COLUMN_NAME_SIZE + 2)

/* An object in the line, of which a row is made. */
struct part {
	const struct table *table;
	const char *at;         /* its place in data */
	bool by_key;            /* that is the place of its key */
	bool is_item;           /* it is in a list */
	struct jsonspan object; /* or the key */
	struct jsonspan listed_by;
	bool erased;
	struct buf text; /* of the value that was asked for last */
};

enum { OBJECT, ID, EVENT, CREATED_AT, DATA, OF, PARENT_ID, LISTED_AT, MEMBERS };
static const char *const names[MEMBERS] = {
    "object", "id", "event", "created_at", "data", "of", "parent", "listed_at"};

/* A line, taken apart. */
struct taken {
	struct jsonspan all, member[MEMBERS];
	int64_t at; /* INT64_MIN: nobody knows when */
	bool known; /* what its data has is declared */
	struct part part[PARTS_MOST];
	size_t nparts;
};

static bool
is_null(struct jsonspan value)
{
	return value.p == NULL || *value.p == 'n';
}

/* Where an item has what an event has at a column's path. */
static struct jsonspan
value_at(const struct part *p, const struct column *c)
{
	const struct item_fact *f = NULL;

	if (p->by_key)
		return c->key ? p->object : (struct jsonspan){0};
	if (p->is_item && (f = item_fact(p->table, ITEM_AT, c->path)) != NULL)
		return jsontext_at(p->object, f->value);
	if (p->is_item && item_fact(p->table, ITEM_PARENT, c->path) != NULL)
		return p->listed_by;
	return jsontext_at(p->object, c->path);
}

static bool
text_of(void *arg, const struct column *c, const char **text, size_t *len)
{
	struct part *p = arg;
	struct jsonspan value = value_at(p, c);

	if (is_null(value))
		return false;
	buf_clear(&p->text);
	if (*value.p == '"')
		json_string_read(&p->text, value.p, value.len);
	else
		buf_add(&p->text, value.p, value.len);
	*text = buf_str(&p->text);
	*len = p->text.len;
	return true;
}

static bool
time_of(void *arg, const struct column *c, int64_t *ms)
{
	const char *text;
	size_t len;

	return text_of(arg, c, &text, &len) &&
	       timestamp_parse(text, len, ms) == 0;
}

static struct person_row
row_of(struct part *p)
{
	return (struct person_row){p->table, text_of, time_of, p};
}

static void
add_part(struct taken *t, const struct table *table, const char *at,
    bool by_key, bool is_item)
{
	struct part *p = &t->part[t->nparts];

	if (t->nparts == PARTS_MOST)
		return;
	*p = (struct part){.table = table,
	    .at = at,
	    .by_key = by_key,
	    .is_item = is_item,
	    .object = jsontext_at(t->member[DATA], at),
	    .listed_by = t->member[PARENT_ID]};
	t->nparts++;
}

/* The text of a string in the line, for buf_str; "" if there is none. */
static const char *
string_of(struct buf *text, struct jsonspan value)
{
	buf_clear(text);
	if (jsontext_is_string(value))
		json_string_read(text, value.p, value.len);
	return buf_str(text);
}

static void
take_event(struct taken *t, struct buf *text)
{
	const struct event_type *type =
	    catalogue_event_type(string_of(text, t->member[EVENT]));

	for (size_t i = 0; type != NULL && i < type->neffects; i++)
		add_part(t, type->effect[i].table, type->effect[i].at,
		    type->effect[i].kind == EFFECT_DELETE &&
			*type->effect[i].at != '\0',
		    false);
	string_of(text, t->member[CREATED_AT]);
}

static void
take_item(struct taken *t, struct buf *text)
{
	const struct table *table =
	    catalogue_table(string_of(text, t->member[OF]));

	if (table != NULL && table_is_listed(table))
		add_part(t, table, "", false, true);
	string_of(text, t->member[LISTED_AT]);
}

/* Returns whether it is an object of JSON. */
static bool
take_apart(struct taken *t, const char *line, size_t len)
{
	struct buf text = {0};
	const char *why;
	size_t at;

	*t = (struct taken){.at = INT64_MIN};
	t->all = jsontext_check(line, len, &why, &at);
	if (t->all.p == NULL || *t->all.p != '{')
		return false;
	jsontext_pick(t->all, MEMBERS, names, t->member);
	if (jsontext_is_string(t->member[EVENT]))
		take_event(t, &text);
	else
		take_item(t, &text);
	t->known = t->nparts > 0;
	if (timestamp_parse(text.p, text.len, &t->at) == -1)
		t->at = INT64_MIN;
	buf_free(&text);
	return true;
}

static void
release(struct taken *t)
{
	for (size_t i = 0; i < t->nparts; i++)
		buf_free(&t->part[i].text);
}

/* "user" and "role.slug" are user.role.slug. */
static void
join(char path[PATH_SIZE], const char *at, const char *name)
{
	snprintf(path, PATH_SIZE, "%s%s%s", at,
	    *at != '\0' && *name != '\0' ? "." : "", name);
}

/* Where in data a part has a column, or NULL if that is elsewhere. */
static const char *
path_of(const struct part *p, const struct column *c)
{
	const struct item_fact *f = NULL;

	if (p->by_key)
		return c->key ? "" : NULL;
	if (p->is_item)
		f = item_fact(p->table, ITEM_AT, c->path);
	if (f != NULL)
		return f->value;
	return strncmp(c->path, "event_", 6) == 0 ? NULL : c->path;
}

enum verdict { GOES, STAYS, STAYS_INSIDE };

/* What of a column says about a path in data: its own, or one that it is in. */
static enum verdict
judge(const struct part *p, const struct column *c, const char *path,
    struct jsonspan value)
{
	const char *name = path_of(p, c);
	char own[PATH_SIZE];
	size_t len = strlen(path);

	if (name == NULL)
		return GOES;
	join(own, p->at, name);
	if (strncmp(own, path, len) == 0 && own[len] == '.' && *value.p == '{')
		return STAYS_INSIDE;
	return strcmp(own, path) == 0 ? STAYS : GOES;
}

/* A column that goes does so whoever else has it. */
static enum verdict
verdict_of(const struct taken *t, const char *path, struct jsonspan value)
{
	enum verdict all = GOES, one;

	for (size_t i = 0; i < t->nparts; i++) {
		const struct part *p = &t->part[i];

		for (size_t j = 0; j < p->table->ncolumns; j++) {
			const struct column *c = &p->table->column[j];

			one = judge(p, c, path, value);
			if (one == STAYS && p->erased &&
			    person_loses(p->table, c))
				return GOES;
			all = one > all ? one : all;
		}
	}
	return all;
}

/* `object` says of what kind one is, wherever it stands. */
static bool
is_kind(const char *name, struct jsonspan value)
{
	return strcmp(name, "object") == 0 && jsontext_is_string(value);
}

static void
add_member(struct buf *out, struct jsonspan name, struct jsonspan value)
{
	if (out->p[out->len - 1] != '{')
		buf_putc(out, ',');
	buf_add(out, name.p, name.len);
	buf_putc(out, ':');
	if (value.p != NULL)
		jsontext_compact(value, out);
}

/* What is left of an object in data; `path` is its place. */
static void
add_object(const struct taken *t, struct jsonspan object, const char *at,
    struct buf *out)
{
	struct buf text = {0};
	struct jsonspan name, value;
	struct jsonwalk w;
	char path[PATH_SIZE];
	enum verdict v;

	buf_putc(out, '{');
	jsonwalk_begin(&w, object.p, object.len);
	jsonwalk_into(&w, '{');
	while (jsonwalk_member(&w, &name)) {
		value = jsonwalk_value(&w);
		string_of(&text, name);
		if (text.len == 0 || text.len >= COLUMN_NAME_SIZE ||
		    strchr(text.p, '.') != NULL)
			continue;
		join(path, at, text.p);
		v = verdict_of(t, path, value);
		if (v == STAYS || is_kind(text.p, value) ||
		    (!t->known && strcmp(path, "id") == 0 && *value.p == '"'))
			add_member(out, name, value);
		else if (v == STAYS_INSIDE) {
			add_member(out, name, (struct jsonspan){0});
			add_object(t, value, path, out);
		}
	}
	buf_putc(out, '}');
	buf_free(&text);
}

/* Does a member of the line itself say which line it is? */
static bool
is_envelope(struct jsonspan name, struct jsonspan value)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (i != DATA && jsontext_is(name, names[i]))
			return *value.p == '"';
	return jsontext_is(name, "count") && *value.p != '{' &&
	       *value.p != '[' && *value.p != '"';
}

/* What is left of the line. */
static void
add_line(const struct taken *t, struct buf *out)
{
	struct jsonspan name, value;
	struct jsonwalk w;

	buf_putc(out, '{');
	jsonwalk_begin(&w, t->all.p, t->all.len);
	jsonwalk_into(&w, '{');
	while (jsonwalk_member(&w, &name)) {
		value = jsonwalk_value(&w);
		if (is_envelope(name, value))
			add_member(out, name, value);
		else if (jsontext_is(name, "data") && *value.p == '{') {
			add_member(out, name, (struct jsonspan){0});
			add_object(t, value, "", out);
		}
	}
	buf_putc(out, '}');
}

/* Is a part of it, or anything in it, of one who was erased? */
static bool
is_theirs(struct taken *t, const struct erased *e)
{
	bool any = false;

	for (size_t i = 0; i < t->nparts; i++) {
		struct part *p = &t->part[i];
		struct person_row row = row_of(p);

		p->erased = person_is_erased(&row, e, t->at);
		any |= p->erased;
	}
	return any || scan_finds(e, t->all, t->at);
}

enum stripped
strip_line(
    const struct erased *e, const char *line, size_t len, struct buf *out)
{
	size_t before = out->len;
	enum stripped rc = STRIP_NONE;
	struct taken t;

	if (e->n == 0)
		return STRIP_NONE;
	if (!take_apart(&t, line, len))
		return scan_text(e, line, len) ? STRIP_BLANK : STRIP_NONE;
	if (is_theirs(&t, e)) {
		add_line(&t, out);
		rc = STRIP_MADE;
	}
	if (out->len - before == len && len > 0 &&
	    memcmp(out->p + before, line, len) == 0)
		rc = STRIP_NONE;
	if (rc == STRIP_NONE)
		out->len = before;
	release(&t);
	return rc;
}

/* What is being learnt, and of whom. */
struct learning {
	const struct erased *e;
	learn_fn *learn;
	void *arg;
	bool named;
};

static void
learn_address(void *arg, const char *text, size_t len)
{
	struct learning *l = arg;

	l->learn(l->arg, ERASED_HAD, text, len);
}

static void
is_named(void *arg, const char *text, size_t len)
{
	struct learning *l = arg;

	l->named |= erased_has_address(l->e, text, len, INT64_MIN, true);
}

void
learn_ids(const struct erased *e, const char *line, size_t len, learn_fn *learn,
    void *arg)
{
	struct learning l = {.e = e};
	struct jsonspan before;
	struct taken t;
	const char *id;
	size_t n;

	if (!take_apart(&t, line, len))
		return;
	before = jsontext_at(t.all, "context.previous_attributes");
	for (size_t i = 0; i < t.nparts; i++) {
		struct person_row row = row_of(&t.part[i]);

		l.named = false;
		person_addresses(&row, is_named, &l);
		person_addresses_in(before, is_named, &l);
		if (l.named && person_has_table(row.table) &&
		    text_of(row.arg, row.table->person[0], &id, &n))
			learn(arg, ERASED_ID, id, n);
	}
	release(&t);
}

void
learn_addresses(const struct erased *e, const char *line, size_t len,
    learn_fn *learn, void *arg)
{
	struct learning l = {e, learn, arg, false};
	struct jsonspan before;
	struct taken t;

	if (!take_apart(&t, line, len))
		return;
	before = jsontext_at(t.all, "context.previous_attributes");
	for (size_t i = 0; i < t.nparts; i++) {
		struct person_row row = row_of(&t.part[i]);

		if (!person_has_id(&row, e))
			continue;
		person_addresses(&row, learn_address, &l);
		if (person_has_table(row.table))
			person_addresses_in(before, learn_address, &l);
	}
	release(&t);
}
