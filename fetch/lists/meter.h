/* SPDX-License-Identifier: MIT */
#ifndef WOS_METER_H
#define WOS_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The line on a terminal that tells how far the lists are.  How many there are
 * is known once their parents are.  Zero-initialise it; it is shown if `shown`
 * is set.
 */
struct meter {
	bool shown;
	uint64_t objects, requests;
	size_t done, known;    /* lists */
	int64_t started, told; /* on the monotonic clock, in ms */
};

/* Shows it, unless it was shown a moment ago. */
void meter_show(struct meter *m);

#endif
