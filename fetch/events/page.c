/* SPDX-License-Identifier: MIT */
/*
 * A list page: its envelope is read, its events are cut out as text, so that
 * the order of members and the digits of numbers stay as the API sent them.
 */
#include <string.h>

#include <jv.h>

#include "page.h"
#include "timestamp.h"

static bool
is_kind(struct jsonspan value, char first)
{
	return value.p != NULL && *value.p == first;
}

int
page_string(struct jsonspan value, char *out, size_t size)
{
	const char *text;
	size_t len;
	jv string = jv_invalid();

	if (!is_kind(value, '"'))
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

/* list_metadata.after: missing, null and "" all mean the end. */
static enum page_fault
page_cursor(struct page *p, struct jsonspan value, const char **why)
{
	struct jsonspan metadata = jsontext_member(value, "list_metadata");
	struct jsonspan after = jsontext_member(metadata, "after");

	p->after[0] = '\0';
	if (metadata.p != NULL && *metadata.p != '{' && *metadata.p != 'n')
		*why = "list_metadata is not an object";
	else if (after.p != NULL && *after.p != 'n' &&
		 page_string(after, p->after, sizeof p->after) == -1)
		*why = "list_metadata.after is not an id";
	else
		return PAGE_GOOD;
	return PAGE_WRONG;
}

enum page_fault
page_of_value(struct page *p, struct jsonspan value, const char **why)
{
	struct jsonspan element;
	const char *next = NULL;

	*why = "not a list of events";
	p->n = 0;
	p->data = jsontext_member(value, "data");
	if (!is_kind(p->data, '['))
		return PAGE_WRONG;
	for (; jsontext_element(p->data, &next, &element); p->n++)
		if (*element.p != '{') {
			*why = "the list holds something that is no object";
			return PAGE_WRONG;
		}
	return page_cursor(p, value, why);
}

enum page_fault
page_parse(struct page *p, const struct buf *body, const char **why)
{
	const char *text = body->len > 0 ? body->p : "";
	struct jsonspan value;
	size_t at;

	value = jsontext_check(text, body->len, why, &at);
	if (value.p != NULL)
		return page_of_value(p, value, why);
	return at == body->len ? PAGE_CUT : PAGE_GARBLED;
}

void
event_of_value(struct event *e, struct jsonspan value)
{
	enum { ID, TYPE, AT, MEMBERS };
	static const char *const name[] = {"id", "event", "created_at"};
	struct jsonspan member[MEMBERS], at;

	jsontext_pick(value, MEMBERS, name, member);
	e->text = value;
	e->id = is_kind(member[ID], '"') ? member[ID] : (struct jsonspan){0};
	e->type =
	    is_kind(member[TYPE], '"') ? member[TYPE] : (struct jsonspan){0};
	at = member[AT];
	if (!is_kind(at, '"') ||
	    timestamp_parse(at.p + 1, at.len - 2, &e->at) == -1)
		e->at = TIME_NONE;
}

bool
page_event(const struct page *p, const char **next, struct event *e)
{
	struct jsonspan element;

	if (!jsontext_element(p->data, next, &element))
		return false;
	event_of_value(e, element);
	return true;
}
