/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <jv.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "envelope.h"
#include "event.h"
#include "event_id.h"
#include "group_name.h"
#include "mend.h"
#include "timestamp.h"
#include "visible.h"

int
event_refuse(struct event *e, const char *fmt, ...)
{
	char why[EVENT_WHY_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	visible(e->why, sizeof e->why, why, strlen(why));
	return -1;
}

/*
 * libjq 1.6 passes over good bytes behind some that are no UTF-8, so it sees
 * none of these.
 */
struct jsonspan
event_string(struct event *e, struct jsonspan text)
{
	struct jsonspan inside = {text.p + 1, text.len - 2};
	jv v;

	if (memchr(inside.p, '\\', inside.len) == NULL)
		return inside;
	buf_clear(&e->unescaped);
	mend_utf8(&e->unescaped, text.p, text.len);
	v = jv_parse_sized(e->unescaped.p, (int)e->unescaped.len);
	buf_clear(&e->unescaped);
	if (jv_get_kind(v) == JV_KIND_STRING)
		buf_puts(&e->unescaped, jv_string_value(v));
	jv_free(v);
	return (struct jsonspan){buf_str(&e->unescaped), e->unescaped.len};
}

int
event_integer(struct jsonspan text, int64_t *value)
{
	char digits[24], *end;

	if (text.p == NULL || text.len >= sizeof digits)
		return -1;
	memcpy(digits, text.p, text.len);
	digits[text.len] = '\0';
	errno = 0;
	*value = strtoimax(digits, &end, 10);
	return errno == 0 && *end == '\0' ? 0 : -1;
}

bool
event_is_key(struct event *e, struct jsonspan text)
{
	size_t len = jsontext_is_string(text) ? event_string(e, text).len : 0;

	return len > 0 && len <= EVENT_MAX_KEY;
}

/* Keeps its id, if it can be one, and names no group of another kind. */
static void
take_id(struct event *e)
{
	struct jsonspan id = e->member[ENVELOPE_ID];

	if (!jsontext_is_string(id))
		return;
	id = event_string(e, id);
	if (!event_id_is_sound(id.p, id.len) || !group_is_event(id.p, id.len))
		return;
	memcpy(e->id, id.p, id.len);
	e->id[id.len] = '\0';
}

const char *
event_name(struct event *e, struct jsonspan text)
{
	text = event_string(e, text);
	buf_clear(&e->name);
	buf_add(&e->name, text.p, text.len);
	return buf_str(&e->name);
}

int
event_time(struct event *e, struct jsonspan text)
{
	if (!jsontext_is_string(text))
		return -1;
	text = event_string(e, text);
	return timestamp_parse(text.p, text.len, &e->at);
}

/* Walks over an object, and finds what is read of it. */
static bool
pick(struct event *e, struct jsonwalk *w)
{
	const char *const name[EVENT_MEMBERS] = {envelope_name[ENVELOPE_ID],
	    envelope_name[ENVELOPE_EVENT], envelope_name[ENVELOPE_AT], "data"};

	return jsonwalk_pick(w, EVENT_MEMBERS, name, e->member);
}

void
event_find(struct event *e, struct jsonspan text)
{
	struct jsonwalk w;

	jsonwalk_begin(&w, text.p, text.len);
	pick(e, &w);
}

struct jsonspan
event_check(struct event *e, struct jsonspan line, struct buf *mended)
{
	struct jsonwalk w;
	struct jsonspan text, made;

	jsonwalk_begin(&w, line.p, line.len);
	text.p = w.p;
	if (!pick(e, &w))
		jsonwalk_value(&w);
	text.len = (size_t)(w.p - text.p);
	if (!jsonwalk_end(&w)) {
		event_refuse(e, "not JSON: byte %zu: %s",
		    (size_t)(w.p - line.p) + 1, w.why);
		return (struct jsonspan){0};
	}
	made = jsontext_mend(text, mended);
	if (made.p != text.p)
		event_find(e, made);
	return made;
}

int
event_read(struct event *e, struct jsonspan text)
{
	const struct jsonspan *member = e->member;

	e->data = member[EVENT_DATA];
	take_id(e);
	if (*text.p != '{')
		return event_refuse(e, "not an object");
	if (*e->id == '\0')
		return event_refuse(e, "id is missing or no event id");
	if (!jsontext_is_string(member[ENVELOPE_EVENT]) ||
	    member[ENVELOPE_EVENT].len == 2)
		return event_refuse(
		    e, "%.80s: event is missing or no name", e->id);
	if (event_time(e, member[ENVELOPE_AT]) == -1)
		return event_refuse(
		    e, "%.80s: created_at is missing or not a time", e->id);
	e->type = catalogue_event_type(event_name(e, member[ENVELOPE_EVENT]));
	e->bare = e->data.p == NULL && envelope_is_all(text);
	return 0;
}

void
event_forget(struct event *e)
{
	*e->id = '\0';
	e->listed = NULL;
	buf_trim(&e->name, EVENT_KEPT_BYTES);
	buf_trim(&e->unescaped, EVENT_KEPT_BYTES);
}

void
event_release(struct event *e)
{
	buf_free(&e->name);
	buf_free(&e->unescaped);
}
