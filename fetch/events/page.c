/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <jv.h>

#include "clock.h"
#include "page.h"
#include "timestamp.h"

#define NO_LIST "not a list of events"

int
page_string(struct jsonspan value, char *out, size_t size)
{
	const char *text;
	size_t len;
	jv string = jv_invalid();

	if (!jsontext_is_string(value))
		return -1;
	text = value.p + 1;
	len = value.len - 2;
	if (memchr(text, '\\', len) != NULL) {
		string = jv_parse_sized(value.p, (int)value.len);
		if (jv_get_kind(string) != JV_KIND_STRING) {
			jv_free(string);
			return -1;
		}
		text = jv_string_value(string);
		len = (size_t)jv_string_length_bytes(jv_copy(string));
	}
	if (len >= size || memchr(text, '\0', len) != NULL) {
		jv_free(string);
		return -1;
	}
	memcpy(out, text, len);
	out[len] = '\0';
	jv_free(string);
	return (int)len;
}

/* The value if it is a string. */
static struct jsonspan
string_of(struct jsonspan value)
{
	return jsontext_is_string(value) ? value : (struct jsonspan){0};
}

/* Reads an event and adds its line.  Returns false if it is no object. */
static bool
take_event(struct jsonwalk *w, struct buf *lines, struct event *e)
{
	enum { ID, TYPE, OBJECT, AT, MEMBERS };
	static const char *const name[] = {
	    "id", "event", "object", "created_at"};
	struct jsonspan member[MEMBERS], at;
	bool is_object;

	jsonwalk_keep(w, lines);
	is_object = jsonwalk_pick(w, MEMBERS, name, member);
	jsonwalk_kept(w);
	if (!is_object)
		return false;
	buf_putc(lines, '\n');
	*e = (struct event){string_of(member[ID]), string_of(member[TYPE]),
	    string_of(member[OBJECT]), TIME_NONE};
	at = string_of(member[AT]);
	if (at.p != NULL)
		timestamp_parse(at.p + 1, at.len - 2, &e->at);
	return true;
}

bool
page_read_event(
    const char *text, size_t len, struct buf *lines, struct event *e)
{
	struct jsonwalk w;

	jsonwalk_begin(&w, text, len);
	return take_event(&w, lines, e);
}

/* Hands over the events of `data`.  Returns what is wrong with it, or NULL. */
static const char *
take_data(struct page *p, struct jsonwalk *w)
{
	const char *wrong = NULL;
	struct event e;
	size_t begin;

	if (!jsonwalk_into(w, '[')) {
		jsonwalk_value(w);
		return NO_LIST;
	}
	while (jsonwalk_element(w)) {
		begin = p->lines->len;
		p->n++;
		if (!take_event(w, p->lines, &e)) {
			wrong = "the list holds something that is no object";
			jsonwalk_value(w);
		} else if (!p->take(p->arg, &e)) {
			p->lines->len = begin;
		}
	}
	return wrong;
}

/* list_metadata.after: missing, null and "" all mean the end. */
static const char *
take_metadata(struct page *p, struct jsonwalk *w)
{
	static const char *const name[] = {"after"};
	struct jsonspan after, value;

	p->after[0] = '\0';
	if (!jsonwalk_pick(w, 1, name, &after)) {
		value = jsonwalk_value(w);
		return value.p == NULL || *value.p == 'n'
			   ? NULL
			   : "list_metadata is not an object";
	}
	if (after.p != NULL && *after.p != 'n' &&
	    page_string(after, p->after, sizeof p->after) == -1)
		return "list_metadata.after is not an id";
	return NULL;
}

/* The members of the page.  Returns what is wrong with them, or NULL. */
static const char *
take_members(struct page *p, struct jsonwalk *w)
{
	const char *list = NO_LIST, *metadata = NULL;
	struct jsonspan name;
	unsigned lists = 0;

	while (jsonwalk_member(w, &name))
		if (jsontext_is(name, "data") && lists++ == 0)
			list = take_data(p, w);
		else if (jsontext_is(name, "list_metadata"))
			metadata = take_metadata(p, w);
		else
			jsonwalk_value(w);
	if (list == NULL && lists > 1)
		return "there are two lists in it";
	return list != NULL ? list : metadata;
}

enum page_fault
page_read(struct page *p, const char *text, size_t len)
{
	size_t begin = p->lines->len;
	struct jsonwalk w;

	buf_reserve(p->lines, len);
	jsonwalk_begin(&w, text, len);
	p->why = NO_LIST;
	if (jsonwalk_into(&w, '{'))
		p->why = take_members(p, &w);
	else
		jsonwalk_value(&w);
	if (jsonwalk_end(&w) && p->why == NULL)
		return PAGE_GOOD;
	p->lines->len = begin;
	if (w.why == NULL)
		return PAGE_WRONG;
	p->why = w.why;
	return w.p == w.end ? PAGE_CUT : PAGE_GARBLED;
}
