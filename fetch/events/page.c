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

	if (value.p == NULL || *value.p != '"')
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

/* A string that the walk is at, or nothing; passes the value in any case. */
static struct jsonspan
take_string(struct jsonwalk *w)
{
	struct jsonspan value = jsonwalk_value(w);

	return value.p != NULL && *value.p == '"' ? value
						  : (struct jsonspan){0};
}

static int64_t
take_time(struct jsonwalk *w)
{
	struct jsonspan value = take_string(w);
	int64_t at;

	if (value.p == NULL ||
	    timestamp_parse(value.p + 1, value.len - 2, &at) == -1)
		return TIME_NONE;
	return at;
}

/* Reads an event and adds its line.  Returns false if it is no object. */
static bool
take_event(struct jsonwalk *w, struct buf *lines, struct event *e)
{
	struct jsonspan name;

	*e = (struct event){.at = TIME_NONE};
	jsonwalk_keep(w, lines);
	if (!jsonwalk_into(w, '{')) {
		jsonwalk_kept(w);
		return false;
	}
	while (jsonwalk_member(w, &name))
		if (jsontext_is(name, "id"))
			e->id = take_string(w);
		else if (jsontext_is(name, "event"))
			e->type = take_string(w);
		else if (jsontext_is(name, "object"))
			e->object = take_string(w);
		else if (jsontext_is(name, "created_at"))
			e->at = take_time(w);
		else
			jsonwalk_value(w);
	jsonwalk_kept(w);
	buf_putc(lines, '\n');
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

/* A page that is being read. */
struct reading {
	struct page *page;
	struct buf *lines;
	page_take *take;
	void *arg;
	unsigned lists; /* members that are called `data` */
};

/* Hands over the events of the list.  Returns what is wrong with it, or NULL.
 */
static const char *
take_list(struct reading *r, struct jsonwalk *w)
{
	const char *wrong = NULL;
	struct event e;
	size_t begin;

	if (r->lists++ > 0)
		wrong = "there are two lists in it";
	else if (w->p < w->end && *w->p != '[')
		wrong = NO_LIST;
	if (wrong != NULL || !jsonwalk_into(w, '[')) {
		jsonwalk_value(w);
		return wrong;
	}
	while (jsonwalk_element(w)) {
		begin = r->lines->len;
		r->page->n++;
		if (!take_event(w, r->lines, &e)) {
			wrong = "the list holds something that is no object";
			jsonwalk_value(w);
		} else if (!r->take(r->arg, &e)) {
			r->lines->len = begin;
		}
	}
	return wrong;
}

/* list_metadata.after: missing, null and "" all mean the end. */
static const char *
take_metadata(struct page *p, struct jsonwalk *w)
{
	struct jsonspan name, value = {0};

	p->after[0] = '\0';
	if (!jsonwalk_into(w, '{')) {
		value = jsonwalk_value(w);
		return value.p == NULL || *value.p == 'n'
			   ? NULL
			   : "list_metadata is not an object";
	}
	while (jsonwalk_member(w, &name))
		if (jsontext_is(name, "after"))
			value = jsonwalk_value(w);
		else
			jsonwalk_value(w);
	if (value.p != NULL && *value.p != 'n' &&
	    page_string(value, p->after, sizeof p->after) == -1)
		return "list_metadata.after is not an id";
	return NULL;
}

/* The members of the page.  Returns what is wrong with them, or NULL. */
static const char *
take_members(struct reading *r, struct jsonwalk *w)
{
	const char *list = NO_LIST, *metadata = NULL;
	struct jsonspan name;

	while (jsonwalk_member(w, &name))
		if (jsontext_is(name, "data"))
			list = take_list(r, w);
		else if (jsontext_is(name, "list_metadata"))
			metadata = take_metadata(r->page, w);
		else
			jsonwalk_value(w);
	return list != NULL ? list : metadata;
}

enum page_fault
page_read(struct page *p, const char *text, size_t len, struct buf *lines,
    page_take *take, void *arg)
{
	struct reading r = {
	    .page = p, .lines = lines, .take = take, .arg = arg};
	size_t begin = lines->len;
	struct jsonwalk w;

	*p = (struct page){.why = NO_LIST};
	buf_reserve(lines, len);
	jsonwalk_begin(&w, text, len);
	if (jsonwalk_into(&w, '{'))
		p->why = take_members(&r, &w);
	else
		jsonwalk_value(&w);
	if (jsonwalk_end(&w) && p->why == NULL)
		return PAGE_GOOD;
	lines->len = begin;
	if (w.why == NULL)
		return PAGE_WRONG;
	p->why = w.why;
	return w.p == w.end ? PAGE_CUT : PAGE_GARBLED;
}
