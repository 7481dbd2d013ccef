/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "page.h"
#include "types.h"
#include "values.h"

#define NO_VALUE "neither a list page nor an event"

/* Does the event's line stay? */
static bool
take_event(void *arg, const struct event *e)
{
	struct values *v = arg;
	char type[NAME_MOST + 1];

	if (v->left == 0)
		return false;
	if (v->types != NULL &&
	    (page_string(e->type, type, sizeof type) == -1 ||
		!types_want(v->types, type)))
		return false;
	v->left--;
	return true;
}

/* An object of its own: an event has an id and says what it is. */
static const char *
take_single(struct values *v)
{
	size_t begin = v->lines.len;
	struct event e;

	if (page_read_event(v->value.p, v->value.len, &v->lines, &e) &&
	    e.id.p != NULL && (e.type.p != NULL || e.object.p != NULL)) {
		if (!take_event(v, &e))
			v->lines.len = begin;
		return NULL;
	}
	v->lines.len = begin;
	return NO_VALUE;
}

/* The value at hand is whole. */
static const char *
take_value(struct values *v)
{
	struct page page = {.lines = &v->lines, .take = take_event, .arg = v};
	uint64_t left = v->left;
	enum page_fault fault;
	const char *why = NULL;

	fault = page_read(&page, v->value.p, v->value.len);
	if (fault != PAGE_GOOD) { /* what it has handed over is void */
		v->left = left;
		why = fault == PAGE_WRONG ? take_single(v) : page.why;
	}
	if (why == NULL)
		buf_clear(&v->value);
	return why;
}

/* One byte of a value: does it end there? */
static bool
ends_value(struct values *v, char c)
{
	if (v->string) {
		if (v->escape)
			v->escape = false;
		else if (c == '\\')
			v->escape = true;
		else if (c == '"')
			v->string = false;
		return false;
	}
	if (c == '"')
		v->string = true;
	else if (c == '{' || c == '[')
		v->depth++;
	else if (c == '}' || c == ']')
		return --v->depth == 0;
	return false;
}

const char *
values_take(struct values *v, const char *p, size_t len)
{
	const char *why = NULL;

	for (const char *end = p + len; why == NULL && p < end; p++) {
		if (*p == '\n')
			v->line++;
		if (v->depth == 0) {
			if (memchr(" \t\r\n", *p, 4) != NULL)
				continue;
			v->value_line = v->line;
		}
		if (v->value.len == SAVED_MAX)
			return "larger than a page may be";
		buf_putc(&v->value, *p);
		if (v->depth == 0 && *p != '{' && *p != '[')
			why = NO_VALUE;
		else if (ends_value(v, *p))
			why = take_value(v);
	}
	return why;
}

void
values_begin(struct values *v)
{
	v->line = v->value_line = 1;
}

void
values_release(struct values *v)
{
	buf_free(&v->lines);
	buf_free(&v->value);
}
