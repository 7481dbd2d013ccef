/* SPDX-License-Identifier: MIT */
#ifndef WOS_TRACE_H
#define WOS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "traceparent.h"

/*
 * Spans of OpenTelemetry, appended to a file as lines of OTLP/JSON, which is
 * that project's file format.  A program neither waits for anybody there nor
 * fails for it: what can't be written is dropped and counted.  wos-otlp(1)
 * names the file, and posts what is in it.
 *
 * Without such a file all of this does nothing.
 */

/*
 * What is around the spans of a line, which are elements of "scopeSpans".  The
 * resource that they are of is for whoever posts them to name.
 */
#define TRACE_LINE_START                                                       \
	"{\"resourceSpans\":[{\"resource\":{\"attributes\":[]},"               \
	"\"scopeSpans\":["
#define TRACE_LINE_END "]}]}"

/* A line is written at this size. */
#define TRACE_LINE_BYTES ((size_t)64 * 1024)

/* Or when what is in it is so old, in milliseconds. */
#define TRACE_LINE_MS 2000

/* The file grows no further; what all programs of a run have to say is in it.
 */
#define TRACE_FILE_BYTES ((int64_t)16 << 20)

/* What may still be added to it at the end of a program: its own span. */
#define TRACE_LAST_BYTES ((int64_t)256 * 1024)

/* Events in a span; the specification's default. */
#define SPAN_EVENTS_MAX 128

#define SPAN_NAME_SIZE 128

/* As OTLP numbers them. */
enum span_kind { SPAN_INTERNAL = 1, SPAN_CLIENT = 3 };

/*
 * Something that takes time.  Zero-initialise it, begin it, and end it, which
 * gives back its memory.  One that was not begun takes all calls and does
 * nothing; so does one that was begun while tracing is off.
 */
struct span {
	bool open;
	char id[SPAN_ID_DIGITS + 1];
	char parent[SPAN_ID_DIGITS + 1]; /* "": it has none */
	bool remote;                     /* the parent is another process's */
	enum span_kind kind;
	char name[SPAN_NAME_SIZE];
	int64_t start;        /* Unix time in ns */
	int64_t began, ended; /* monotonic, in ns; 0: not yet */
	struct buf attributes, events;
	unsigned nevents;
	bool failed;
	struct buf why;
};

/* Are there spans to be made?  And one for each event that is applied? */
extern bool trace_on, trace_events_on;

/*
 * Begins the program's own span, to end with the program, however that exits.
 * The environment decides: WOS_TRACE_FILE names the file, TRACEPARENT says
 * where in which trace.  Without the one nothing is traced, without the other
 * a trace begins here.
 */
void trace_init(const char *program);

/*
 * The same with the file and the place from the caller.  The span has the
 * name; `program` is who makes it.
 */
void trace_start(const char *file, const struct traceparent *parent,
    const char *program, const char *name);

/* The program's own span. */
struct span *trace_program(void);

/* For TRACEPARENT: the children of the program's own span. */
void trace_place(char out[TRACEPARENT_SIZE]);

/*
 * At the end, whichever it is, the program's span has this number as an
 * attribute.  Both are to stay where they are until then.
 */
#define TRACE_COUNTERS_MAX 8
void trace_counter(const char *name, const int64_t *value);

/* The program is about to exit with this status. */
void trace_exiting(int status);

/* A signal is its end: the program's span says so, and is written. */
void trace_signalled(int number);

/* Ends the program's span and writes what there is.  Once, and off it is. */
void trace_end(void);

/* How many of this process's spans could not be written. */
int64_t trace_lost(void);

/* Writes what there is, before a wait. */
void trace_idle(void);

/* Begins a span under the program's own, or under another. */
void span_begin(struct span *s, enum span_kind kind, const char *name);
void span_begin_under(struct span *s, const struct span *parent,
    enum span_kind kind, const char *name);

/* Each name once in a span. */
void span_text(struct span *s, const char *name, const char *value);
void span_int(struct span *s, const char *name, int64_t value);

/* Something that happened in it, with a number that says where or how. */
void span_event(
    struct span *s, const char *event, const char *name, int64_t value);

/*
 * It failed: by an error of this type, one of few, and a sentence on it, which
 * is to be free of what people or databases have written.  The first failure
 * is the span's status, each is an event in it.
 */
void span_fail(struct span *s, const char *type, const char *why);

/* What it stands for is over, though there is more to be said about it. */
void span_stop(struct span *s);

/* Hands it over to be written. */
void span_end(struct span *s);

/* Forgets it: it is as if it had not begun. */
void span_drop(struct span *s);

#endif
