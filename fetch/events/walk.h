/* SPDX-License-Identifier: MIT */
#ifndef WOS_WALK_H
#define WOS_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "events.h"
#include "http/http.h"
#include "output.h"
#include "plan.h"
#include "progress.h"
#include "range.h"

/*
 * What may be fetched before its turn, in bytes.  Half of what a small
 * machine can spare, and more than a second's worth at the API's rate limit.
 */
#define AHEAD_MAX (32 << 20)

/* How long an idle poll waits, unless told otherwise. */
#define FOLLOW_MS 5000

struct walk_options {
	const char *after;     /* continue after this event, or NULL */
	int64_t since, until;  /* or TIME_NONE */
	bool since_is_age;     /* it was counted back from our clock */
	const char *probe;     /* an event that the API must know, or NULL */
	int64_t margin;        /* from --margin, or TIME_NONE */
	int64_t passes_at;     /* `after` has to come by then; TIME_NONE */
	bool from_environment; /* `since` was EVENTS_RANGE_START */
	bool key_of_file;
	bool rare;                /* names that the API may not take */
	bool optional;            /* none of the types has to be taken */
	bool until_eof;           /* stop when standard input ends */
	const char *organization; /* or NULL */
	unsigned page_size;
	uint64_t max;          /* events to write, or UINT64_MAX */
	int64_t stay_ms;       /* how long to follow, at least */
	int64_t follow_ms;     /* pause between idle polls, or 0: don't stay */
	const char *tail_file; /* or NULL */
	bool progress;
};

struct walk {
	struct client *client;
	struct names *events;
	const struct walk_options *options;
	struct plan plan;
	struct output output;
	struct progress progress;
	uint64_t left;     /* events that may still be written */
	size_t ahead;      /* bytes in chunks, waiting for their turn */
	size_t page_bytes; /* the largest body so far */
	unsigned limit;    /* events to a page, so that it is no larger */
	bool plain_cursor; /* the API takes no range_end with a cursor */
	int wake;          /* readable when the program is to stop */
	int64_t begun;     /* on the clock of time_ticks */
	bool tail_seen;    /* not yet told */
	bool passed;       /* has it come to `after`, where it has to? */
	bool forgotten;    /* it has not, and is past its time */
	bool nothing;      /* no type is left to ask for */
	int64_t tail_at;   /* when that was: Unix ms */
	char last_id[CURSOR_MAX + 1]; /* of the last event written, or "" */
};

/*
 * Writes the events to standard output, in order.  Names that the API does
 * not take are dropped from `events`.  Returns the program's exit status.
 */
int walk(struct client *c, struct names *events, const struct walk_options *o);

#endif
