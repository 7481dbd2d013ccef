/* SPDX-License-Identifier: MIT */
#ifndef WOS_DURATION_H
#define WOS_DURATION_H

#include "clock.h"

/*
 * Reads a span of time: 90s, 15m, 1h, 30d.  Returns 0 with its milliseconds in
 * *ms, or -1 if it is none, or longer than 10,000 years.
 */
int duration_read(const char *text, int64_t *ms);

#endif
