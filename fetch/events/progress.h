/* SPDX-License-Identifier: MIT */
#ifndef WOS_PROGRESS_H
#define WOS_PROGRESS_H

#include <stdint.h>

#include "pace.h"

/*
 * The line on a terminal that tells how far the program is.  Zero-initialise
 * it; it is shown if `pace.shown` is set.
 */
struct progress {
	struct pace pace;
	uint64_t events, pages; /* written */
	uint64_t bytes;         /* likewise */
	int64_t begin, end;     /* of the range, TIME_NONE if not known */
	int64_t at;             /* time of the last event, likewise */
};

/* Shows it, unless it was shown a moment ago. */
void progress_show(struct progress *p);

#endif
