/* SPDX-License-Identifier: MIT */
#ifndef WOS_PACE_H
#define WOS_PACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * When a line on a terminal, which tells how far the program is, is shown anew.
 * Zero-initialise it, but for `shown`: does anybody want to see it?
 */
struct pace {
	bool shown;
	int64_t started, told; /* on the monotonic clock, in ms */
};

/*
 * Returns for how many ms the program has run, or 0 if the line is not to be
 * shown, since it was a moment ago.
 */
int64_t pace_due(struct pace *p);

#endif
