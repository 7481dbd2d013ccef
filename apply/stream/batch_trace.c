/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "batch_trace.h"
#include "clock.h"

/* Without memory there are no spans of events. */
static void
make_room(struct batch_trace *t)
{
	if (trace_events_on && t->event == NULL) {
		t->event = calloc(EVENT_SPANS_MAX, sizeof *t->event);
		t->most = t->event != NULL ? EVENT_SPANS_MAX : 0;
	}
	t->nevents = 0;
	t->lost = 0;
}

void
batch_trace_begin(
    struct batch_trace *t, const char *system, const struct cursor *cursor)
{
	if (!trace_on)
		return;
	make_room(t);
	span_begin(&t->span, SPAN_INTERNAL, "batch");
	span_text(&t->span, "db.system.name", system);
	if (cursor != NULL && *cursor->held != '\0')
		span_text(&t->span, "wos.cursor.before", cursor->held);
}

/* Hands over the span of an event, which took place some time ago. */
static void
event_trace_emit(const struct batch_trace *t, const struct event_trace *e)
{
	struct span s = {0};

	span_begin_under(&s, &t->span, SPAN_INTERNAL, e->type);
	s.start = e->start;
	s.began = e->began;
	s.ended = e->ended;
	span_text(&s, "wos.event_id", e->name);
	span_int(&s, "wos.rows_changed", e->changed);
	if (e->parked)
		span_fail(&s, "refused", "the database refused it: parked");
	span_end(&s);
}

void
batch_trace_commit(struct batch_trace *t, int64_t changed,
    const struct cursor *cursor, size_t events, size_t parked)
{
	struct span *s = &t->span;

	if (!s->open)
		return;
	span_stop(s);
	span_int(s, "wos.events", (int64_t)events);
	span_int(s, "wos.parked", (int64_t)parked);
	span_int(s, "wos.rows_changed", changed);
	if (cursor != NULL && *cursor->held != '\0')
		span_text(s, "wos.cursor.after", cursor->held);
	if (t->lost > 0)
		span_int(s, "wos.event_spans_dropped", t->lost);
	for (size_t i = 0; i < t->nevents; i++)
		event_trace_emit(t, &t->event[i]);
	span_end(s);
}

void
batch_trace_back(struct batch_trace *t, enum taken_back why)
{
	static const struct {
		const char *type, *why;
	} text[] = {
	    [BACK_REFUSED] = {"refused",
		"taken back: the database refused a part of it"},
	    [BACK_AGAIN] = {"again", "taken back, to be run again"},
	    [BACK_CUT] = {"cut", "taken back: its last event was not whole"},
	    [BACK_FAILED] = {"failed", "taken back"},
	};

	span_fail(&t->span, text[why].type, text[why].why);
	span_end(&t->span);
	t->nevents = 0;
}

int64_t *
event_trace_begin(struct batch_trace *t, const char *name)
{
	struct event_trace *e;

	if (t->nevents == t->most) {
		t->lost += t->event != NULL;
		return NULL;
	}
	e = &t->event[t->nevents];
	snprintf(e->type, sizeof e->type, "parked");
	snprintf(e->name, sizeof e->name, "%s", name);
	e->start = clock_ns(CLOCK_REALTIME);
	e->began = clock_ns(CLOCK_MONOTONIC);
	e->changed = 0;
	return &e->changed;
}

/* What does not look like a type is what somebody has made up. */
void
event_trace_type(struct batch_trace *t, const struct value *type)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	char *out;

	if (t->nevents == t->most || type->type != VALUE_TEXT)
		return;
	out = t->event[t->nevents].type;
	snprintf(out, EVENT_TYPE_SIZE, "%.*s",
	    (int)(type->len < EVENT_TYPE_SIZE ? type->len : 0), type->text);
	if (*out == '\0' || out[strspn(out, word)] != '\0')
		snprintf(out, EVENT_TYPE_SIZE, "event");
}

void
event_trace_end(struct batch_trace *t, bool parked)
{
	struct event_trace *e;

	if (t->nevents == t->most)
		return;
	e = &t->event[t->nevents++];
	e->ended = clock_ns(CLOCK_MONOTONIC);
	e->parked = parked;
}

int64_t
event_trace_changed(const struct batch_trace *t)
{
	int64_t changed = 0;

	for (size_t i = 0; i < t->nevents; i++)
		changed += t->event[i].changed;
	return changed;
}

void
batch_trace_release(struct batch_trace *t)
{
	free(t->event);
	*t = (struct batch_trace){0};
}
