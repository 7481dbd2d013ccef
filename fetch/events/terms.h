/* SPDX-License-Identifier: MIT */
#ifndef WOS_TERMS_H
#define WOS_TERMS_H

#include <stdbool.h>
#include <stdint.h>

/* What a stream is to hold, and how it is to be asked for. */

/* How long an idle poll waits, unless told otherwise. */
#define FOLLOW_MS 5000

struct terms {
	const char *after;        /* continue after this event, or NULL */
	int64_t since, until;     /* or TIME_NONE */
	bool since_is_age;        /* it was counted back from our clock */
	const char *probe;        /* an event that the API must know, or NULL */
	int64_t margin;           /* from --margin, or TIME_NONE */
	int64_t cursor_at;        /* when `probe`, or `after`, was; TIME_NONE */
	int64_t passes_at;        /* `after` has to come by then; TIME_NONE */
	bool from_environment;    /* `since` was EVENTS_RANGE_START */
	bool rare;                /* types that the API may not take */
	bool optional;            /* none of the types has to be taken */
	bool until_eof;           /* stop when standard input ends */
	const char *organization; /* or NULL */
	unsigned page_size;
	uint64_t max;          /* events to write, or UINT64_MAX */
	int64_t stay_ms;       /* how long to follow, at least */
	int64_t follow_ms;     /* pause between idle polls, or 0: don't stay */
	const char *tail_file; /* or NULL */
};

#endif
