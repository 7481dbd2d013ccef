/* SPDX-License-Identifier: MIT */
#ifndef WOS_RANGE_H
#define WOS_RANGE_H

#include <stdint.h>

#include "terms.h"

/* From the words of options and of the environment to the times of a stream. */

struct range {
	const char *since, *until, *cursor_time; /* or NULL */
};

/*
 * Reads the range, EVENTS_RANGE_START and EVENTS_RANGE_END for what it lacks,
 * into the terms, of which `after`, `margin` and `follow_ms` are there.  Ends
 * the program with STATUS_USAGE where that is no range.
 */
void range_read(const struct range *r, struct terms *t);

#endif
