/* SPDX-License-Identifier: MIT */
#ifndef WOS_METER_H
#define WOS_METER_H

#include <stddef.h>
#include <stdint.h>

#include "pace.h"

/*
 * The line on a terminal that tells how far the lists are.  How many there are
 * is known once their parents are.  Zero-initialise it; it is shown if
 * `pace.shown` is set.
 */
struct meter {
	struct pace pace;
	uint64_t objects, requests;
	size_t done, known; /* lists */
};

/* Shows it, unless it was shown a moment ago. */
void meter_show(struct meter *m);

#endif
