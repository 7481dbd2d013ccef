/* SPDX-License-Identifier: MIT */
#ifndef WOS_DURATION_H
#define WOS_DURATION_H

#include <stdint.h>

#define SECOND_MS INT64_C(1000)
#define DAY_MS INT64_C(86400000)

/*
 * Reads a span of time: 90s, 15m, 1h, 30d.  Returns 0 with its milliseconds in
 * *ms, or -1 if it is none, or longer than 10,000 years.
 */
int duration_read(const char *text, int64_t *ms);

#endif
