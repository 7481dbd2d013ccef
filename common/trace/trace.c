/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attribute.h"
#include "clock.h"
#include "log.h"
#include "status.h"
#include "trace.h"
#include "trace_file.h"

#define MS_NS INT64_C(1000000)

/* OTLP's flags: sampled, is it known where the parent is, is that elsewhere. */
enum { FLAG_SAMPLED = 1, FLAG_KNOWN = 0x100, FLAG_REMOTE = 0x200 };

enum { CODE_ERROR = 2 };

bool trace_on, trace_events_on;

static struct {
	int fd;
	char trace_id[TRACE_ID_DIGITS + 1];
	struct span program;
	const char *program_name;
	struct buf line; /* its beginning and spans; not yet written */
	int64_t spans;   /* in the line */
	int64_t lost;    /* spans that could not be written */
	int64_t since;   /* when the line was begun, monotonic */
	int status;      /* to exit with, or -1 */
	struct {
		const char *name;
		const int64_t *value;
	} counter[TRACE_COUNTERS_MAX];
	unsigned ncounters;
} trace = {.fd = -1, .status = -1};

/* The line. */

static void
line_begin(void)
{
	buf_clear(&trace.line);
	buf_printf(&trace.line,
	    TRACE_LINE_START "{\"scope\":{\"name\":\"%s\","
			     "\"version\":\"" WOS_VERSION "\"},\"spans\":[",
	    trace.program_name);
	trace.spans = 0;
	trace.since = clock_ns(CLOCK_MONOTONIC);
}

static void
line_write(int64_t most)
{
	if (trace.spans == 0)
		return;
	buf_puts(&trace.line, "]}" TRACE_LINE_END "\n");
	if (!trace_file_append(trace.fd, &trace.line, most))
		trace.lost += trace.spans;
	line_begin();
}

/* The spans. */

void
span_begin_under(struct span *s, const struct span *parent, enum span_kind kind,
    const char *name)
{
	if (!trace_on)
		return;
	span_drop(s);
	s->open = true;
	s->kind = kind;
	traceparent_new_id(s->id, SPAN_ID_DIGITS);
	if (parent != NULL)
		memcpy(s->parent, parent->id, sizeof s->parent);
	snprintf(s->name, sizeof s->name, "%s", name);
	s->start = clock_ns(CLOCK_REALTIME);
	s->began = clock_ns(CLOCK_MONOTONIC);
}

void
span_begin(struct span *s, enum span_kind kind, const char *name)
{
	span_begin_under(s, &trace.program, kind, name);
}

void
span_text(struct span *s, const char *name, const char *value)
{
	if (s->open)
		attribute_text(&s->attributes, name, value);
}

void
span_int(struct span *s, const char *name, int64_t value)
{
	if (s->open)
		attribute_int(&s->attributes, name, value);
}

/*
 * Adds an event that happens now, or at the end of a span that has stopped.
 * The attributes are used up.
 */
static void
span_add_event(struct span *s, const char *event, struct buf *attributes)
{
	int64_t at = s->ended != 0 ? s->ended : clock_ns(CLOCK_MONOTONIC);

	if (s->nevents++ < SPAN_EVENTS_MAX) {
		if (s->events.len > 0)
			buf_putc(&s->events, ',');
		buf_printf(&s->events,
		    "{\"timeUnixNano\":\"%" PRId64 "\",\"name\":",
		    s->start + (at - s->began));
		attribute_string(&s->events, event, strlen(event));
		buf_puts(&s->events, ",\"attributes\":[");
		buf_add(&s->events, attributes->p, attributes->len);
		buf_puts(&s->events, "]}");
	}
	buf_free(attributes);
}

void
span_event(struct span *s, const char *event, const char *name, int64_t value)
{
	struct buf attributes = {0};

	if (!s->open)
		return;
	attribute_int(&attributes, name, value);
	span_add_event(s, event, &attributes);
}

void
span_fail(struct span *s, const char *type, const char *why)
{
	struct buf attributes = {0};

	if (!s->open)
		return;
	if (!s->failed) {
		s->failed = true;
		span_text(s, "error.type", type);
		buf_puts(&s->why, why);
	}
	attribute_text(&attributes, "exception.type", type);
	attribute_text(&attributes, "exception.message", why);
	span_add_event(s, "exception", &attributes);
}

void
span_stop(struct span *s)
{
	if (s->open && s->ended == 0)
		s->ended = clock_ns(CLOCK_MONOTONIC);
}

static unsigned
span_flags(const struct span *s)
{
	unsigned flags = FLAG_SAMPLED | FLAG_KNOWN;

	return s->remote && *s->parent != '\0' ? flags | FLAG_REMOTE : flags;
}

/* Adds an array under this name, if there is anything in it. */
static void
add_list(struct buf *out, const char *name, const struct buf *list)
{
	if (list->len == 0)
		return;
	buf_printf(out, ",\"%s\":[", name);
	buf_add(out, list->p, list->len);
	buf_putc(out, ']');
}

static void
span_encode(const struct span *s, struct buf *out)
{
	buf_printf(out, "{\"traceId\":\"%s\",\"spanId\":\"%s\"", trace.trace_id,
	    s->id);
	if (*s->parent != '\0')
		buf_printf(out, ",\"parentSpanId\":\"%s\"", s->parent);
	buf_printf(out, ",\"flags\":%u,\"name\":", span_flags(s));
	attribute_string(out, s->name, strlen(s->name));
	buf_printf(out,
	    ",\"kind\":%d,\"startTimeUnixNano\":\"%" PRId64
	    "\",\"endTimeUnixNano\":\"%" PRId64 "\"",
	    (int)s->kind, s->start, s->start + (s->ended - s->began));
	add_list(out, "attributes", &s->attributes);
	add_list(out, "events", &s->events);
	if (s->nevents > SPAN_EVENTS_MAX)
		buf_printf(out, ",\"droppedEventsCount\":%u",
		    s->nevents - SPAN_EVENTS_MAX);
	if (s->failed) {
		buf_printf(
		    out, ",\"status\":{\"code\":%d,\"message\":", CODE_ERROR);
		attribute_string(out, s->why.p, s->why.len);
		buf_putc(out, '}');
	}
	buf_putc(out, '}');
}

void
span_end(struct span *s)
{
	int64_t age;

	if (!s->open)
		return;
	span_stop(s);
	if (trace.spans++ > 0)
		buf_putc(&trace.line, ',');
	span_encode(s, &trace.line);
	age = s->ended - trace.since;
	if (trace.line.len >= TRACE_LINE_BYTES || age >= TRACE_LINE_MS * MS_NS)
		line_write(TRACE_FILE_BYTES);
	span_drop(s);
}

void
span_drop(struct span *s)
{
	buf_free(&s->attributes);
	buf_free(&s->events);
	buf_free(&s->why);
	*s = (struct span){0};
}

/* The program. */

void
trace_start(const char *file, const struct traceparent *parent,
    const char *program, const char *name)
{
	const char *events = getenv("OTEL_TRACES_EVENTS");

	if ((trace.fd = trace_file_open(file)) == -1)
		return;
	trace_on = true;
	trace_events_on = events != NULL && strcmp(events, "1") == 0;
	memcpy(trace.trace_id, parent->trace_id, sizeof trace.trace_id);
	trace.program_name = program;
	line_begin();
	span_begin_under(&trace.program, NULL, SPAN_INTERNAL, name);
	memcpy(trace.program.parent, parent->span_id, sizeof parent->span_id);
	trace.program.remote = true;
	span_text(&trace.program, "process.executable.name", name);
	log_on_exit(trace_exiting);
	atexit(trace_end);
}

void
trace_init(const char *program)
{
	const char *file = getenv("WOS_TRACE_FILE");
	struct traceparent parent;

	if (file == NULL || *file == '\0')
		return;
	if (traceparent_read(&parent, getenv("TRACEPARENT")) == -1) {
		traceparent_new_id(parent.trace_id, TRACE_ID_DIGITS);
		parent.sampled = true;
	}
	if (!parent.sampled)
		return;
	trace_start(file, &parent, program, program);
	span_int(&trace.program, "process.pid", getpid());
}

struct span *
trace_program(void)
{
	return &trace.program;
}

void
trace_place(char out[TRACEPARENT_SIZE])
{
	struct traceparent place = {.sampled = true};

	memcpy(place.trace_id, trace.trace_id, sizeof place.trace_id);
	memcpy(place.span_id, trace.program.id, sizeof place.span_id);
	traceparent_write(&place, out);
}

void
trace_counter(const char *name, const int64_t *value)
{
	if (trace.ncounters == TRACE_COUNTERS_MAX)
		return;
	trace.counter[trace.ncounters].name = name;
	trace.counter[trace.ncounters++].value = value;
}

void
trace_exiting(int status)
{
	trace.status = status;
}

/*
 * How the program ends, as its span has it: what was said on stderr is not
 * repeated, for it may quote an event.
 */
static void
program_verdict(struct span *s, int status)
{
	if (status != -1)
		span_int(s, "process.exit.code", status);
	if (s->failed)
		return;
	switch (status) {
	case STATUS_DONE:
	case STATUS_PARKED:
		break;
	case STATUS_USAGE:
		span_fail(s, "usage", "wrong usage");
		break;
	case STATUS_CURSOR:
		span_fail(s, "cursor", "the cursor can't be continued");
		break;
	case STATUS_DIFFERS:
		span_fail(s, "differences", "there are differences");
		break;
	case STATUS_RETRY:
		span_fail(s, "try_again", "try again later");
		break;
	default:
		span_fail(s, "failed", "failed");
	}
}

void
trace_end(void)
{
	if (!trace_on)
		return;
	line_write(TRACE_FILE_BYTES);
	for (unsigned i = 0; i < trace.ncounters; i++)
		span_int(&trace.program, trace.counter[i].name,
		    *trace.counter[i].value);
	if (trace.lost > 0)
		span_int(&trace.program, "wos.spans_dropped", trace.lost);
	program_verdict(&trace.program, trace.status);
	span_end(&trace.program);
	line_write(TRACE_FILE_BYTES + TRACE_LAST_BYTES);
	close(trace.fd);
	buf_free(&trace.line);
	trace_on = false;
}

int64_t
trace_lost(void)
{
	return trace.lost;
}

void
trace_signalled(int number)
{
	char text[40];

	snprintf(text, sizeof text, "ended by signal %d", number);
	span_fail(&trace.program, "signal", text);
	trace_end();
}

void
trace_idle(void)
{
	if (trace_on)
		line_write(TRACE_FILE_BYTES);
}
