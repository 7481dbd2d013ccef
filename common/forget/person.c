/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "forget/person.h"
#include "json_string.h"
#include "jsontext.h"

bool
person_has_table(const struct table *t)
{
	return t->npersons > 0 && t->person[0]->key;
}

bool
person_loses(const struct table *t, const struct column *c)
{
	return c->personal && t->npersons + t->naddresses + t->nothers > 0;
}

typedef void address_fn(void *arg, const char *text, size_t len);

static void
take_string(struct jsonspan value, address_fn *address, void *arg)
{
	struct buf text = {0};

	json_string_read(&text, value.p, value.len);
	if (text.len > 0 && erased_is_address(text.p, text.len))
		address(arg, text.p, text.len);
	buf_free(&text);
}

static bool
names_address(struct jsonspan name)
{
	return jsontext_is(name, "email") || jsontext_is(name, "emails") ||
	       jsontext_is(name, "value");
}

/* Calls itself, no deeper than JSONTEXT_MAX_DEPTH. */
static void
each_in_json(struct jsonwalk *w, address_fn *address, void *arg)
{
	struct jsonspan name, value;

	if (*w->p == '{') {
		jsonwalk_into(w, '{');
		while (jsonwalk_member(w, &name))
			if (names_address(name))
				each_in_json(w, address, arg);
			else
				jsonwalk_value(w);
	} else if (*w->p == '[') {
		jsonwalk_into(w, '[');
		while (jsonwalk_element(w))
			each_in_json(w, address, arg);
	} else if (value = jsonwalk_value(w), jsontext_is_string(value)) {
		take_string(value, address, arg);
	}
}

void
person_addresses_in(struct jsonspan value, address_fn *address, void *arg)
{
	struct jsonwalk w;

	if (value.p == NULL)
		return;
	jsonwalk_begin(&w, value.p, value.len);
	each_in_json(&w, address, arg);
}

static void
each_address(const struct person_row *row, const struct column *c,
    address_fn *address, void *arg)
{
	const char *text, *why;
	size_t len, at;

	if (!row->text(row->arg, c, &text, &len) || len == 0)
		return;
	if (c->type == TYPE_JSON)
		person_addresses_in(
		    jsontext_check(text, len, &why, &at), address, arg);
	else if (erased_is_address(text, len))
		address(arg, text, len);
}

void
person_addresses(const struct person_row *row, address_fn *address, void *arg)
{
	for (size_t i = 0; i < row->table->naddresses; i++)
		each_address(row, row->table->address[i], address, arg);
}

bool
person_has_id(const struct person_row *row, const struct erased *e)
{
	const char *text;
	size_t len;

	for (size_t i = 0; i < row->table->npersons; i++)
		if (row->text(row->arg, row->table->person[i], &text, &len) &&
		    erased_has_id(e, text, len))
			return true;
	return false;
}

struct asking {
	const struct erased *e;
	int64_t at;
	bool others; /* somebody else's id is in the row */
	bool yes;
};

static void
is_one(void *arg, const char *text, size_t len)
{
	struct asking *a = arg;

	a->yes =
	    a->yes || erased_has_address(a->e, text, len, a->at, a->others);
}

/* When the row was made, or what happened at `at`, if that was before. */
static int64_t
made_at(const struct person_row *row, int64_t at)
{
	const struct column *made = table_column(row->table, "created_at");
	int64_t ms;

	return made != NULL && row->time(row->arg, made, &ms) && ms < at ? ms
									 : at;
}

bool
person_is_erased(
    const struct person_row *row, const struct erased *e, int64_t at)
{
	const struct table *t = row->table;
	struct asking a = {.e = e, .at = at};
	const char *text;
	size_t len;

	if (person_has_id(row, e))
		return true;
	for (size_t i = 0; i < t->npersons; i++)
		a.others |= row->text(row->arg, t->person[i], &text, &len);
	if (t->naddresses + t->nothers == 0)
		return false;
	if (!a.others)
		a.at = made_at(row, at);
	person_addresses(row, is_one, &a);
	a.others = false;
	a.at = made_at(row, at);
	for (size_t i = 0; i < t->nothers; i++)
		each_address(row, t->other[i], is_one, &a);
	return a.yes;
}
