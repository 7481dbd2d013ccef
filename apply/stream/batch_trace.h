/* SPDX-License-Identifier: MIT */
#ifndef WOS_BATCH_TRACE_H
#define WOS_BATCH_TRACE_H

#include "cursor.h"
#include "db.h"
#include "trace/trace.h"

/*
 * The spans of the batches, and where they are asked for of each event in
 * them.  While tracing is off all of this does nothing.
 */

/* Events of a batch that have spans, and bytes of their names. */
#define EVENT_SPANS_MAX 4096
#define EVENT_TYPE_SIZE 64

/* Why a batch was taken back. */
enum taken_back {
	BACK_REFUSED, /* the database refused a part of it */
	BACK_AGAIN,   /* it failed transiently */
	BACK_CUT,     /* it ended in the middle of an event, to come later */
	BACK_FAILED,  /* the program can't go on */
};

struct event_trace {
	char type[EVENT_TYPE_SIZE];
	char name[EVENT_ID_MAX + 1];
	int64_t start, began, ended; /* as in a span */
	int64_t changed;             /* rows */
	bool parked;
};

/* Zero-initialise it, release it. */
struct batch_trace {
	struct span span;
	struct event_trace *event; /* NULL: not wanted */
	size_t nevents;
	size_t most;
	int64_t lost; /* events that there was no room for */
};

/* `system` is the database's; the cursor may be NULL. */
void batch_trace_begin(
    struct batch_trace *t, const char *system, const struct cursor *cursor);

/*
 * It is in the database, with so many rows changed and so many events, of which
 * so many are parked.
 */
void batch_trace_commit(struct batch_trace *t, int64_t changed,
    const struct cursor *cursor, size_t events, size_t parked);

/* It is not.  Where no batch has begun there is nothing to tell. */
void batch_trace_back(struct batch_trace *t, enum taken_back why);

/*
 * An event begins, by its group's name; its type becomes known; it ends.
 * event_trace_begin returns where its changed rows are to be counted, or NULL
 * if it has no span.
 */
int64_t *event_trace_begin(struct batch_trace *t, const char *name);
void event_trace_type(struct batch_trace *t, const struct value *type);
void event_trace_end(struct batch_trace *t, bool parked);

/* The rows that the batch's events have counted themselves. */
int64_t event_trace_changed(const struct batch_trace *t);

void batch_trace_release(struct batch_trace *t);

#endif
