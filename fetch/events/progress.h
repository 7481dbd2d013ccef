/* SPDX-License-Identifier: MIT */
#ifndef WOS_PROGRESS_H
#define WOS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The line on a terminal that tells how far the program is.  Zero-initialise
 * it; it is shown if `shown` is set.
 */
struct progress {
	bool shown;
	uint64_t events, pages; /* written */
	uint64_t bytes;         /* likewise */
	int64_t begin, end;     /* of the range, TIME_NONE if not known */
	int64_t at;             /* time of the last event, likewise */
	int64_t started, told;  /* on the monotonic clock, in ms */
};

/* Shows it, unless it was shown a moment ago. */
void progress_show(struct progress *p);

#endif
