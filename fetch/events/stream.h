/* SPDX-License-Identifier: MIT */
#ifndef WOS_STREAM_H
#define WOS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/http.h"
#include "names.h"
#include "terms.h"
#include "windows.h"

/*
 * The stream as it comes in: a list of windows in the order of time, of which
 * pages are asked for (ask.c) and taken in (answer.c).
 */

/*
 * What may be fetched before its turn, in bytes.  Half of what a small
 * machine can spare, and more than a second's worth at the API's rate limit.
 */
#define AHEAD_MAX (32 << 20)

struct stream {
	struct client *client;
	struct names *types;
	const struct terms *terms;
	struct windows windows;
	size_t ahead;      /* bytes in chunks, waiting for their turn */
	size_t page_bytes; /* the largest body so far */
	unsigned limit;    /* events to a page, so that it is no larger */
	bool plain_cursor; /* the API takes no range_end with a cursor */
	bool nothing;      /* no type is left to ask for */
	int64_t begun;     /* on the clock of time_ticks */
	bool tail_seen;    /* not yet told */
	int64_t tail_at;   /* when that was: Unix ms */
};

/* Names that the API does not take are dropped from `types`. */
void stream_init(struct stream *s, struct client *c, struct names *types,
    const struct terms *t);
void stream_release(struct stream *s);

/* How many requests are under way. */
unsigned stream_running(const struct stream *s);

/*
 * Asks for as many pages as may be under way.  Returns when there will be
 * something to ask for, INT64_MAX if that depends on other things than time.
 */
int64_t stream_ask(struct stream *s);

/*
 * Takes the answer to a request: its lines become a chunk of the window, or
 * the window has failed, or the request is tried again.
 */
void stream_take(struct stream *s, struct request *r);

#endif
