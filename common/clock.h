/* SPDX-License-Identifier: MIT */
#ifndef WOS_CLOCK_H
#define WOS_CLOCK_H

#include <stdint.h>
#include <time.h>

/*
 * In nanoseconds.  A wall clock that was set before 1970 reads as 1970, and one
 * past 2200 as 2200: such times can't be written in a trace.
 */
int64_t clock_ns(clockid_t clock);

#define SECOND_MS INT64_C(1000)
#define DAY_MS INT64_C(86400000)

/* Clocks that are set over the network differ by less. */
#define CLOCKS_DIFFER_MS (600 * SECOND_MS)

/* A time that is not there. */
#define TIME_NONE INT64_MIN

/*
 * Milliseconds since 1970; a wall clock that was set before that reads as 1970.
 * And those of a clock that nobody sets.
 */
int64_t time_now(void);
int64_t time_ticks(void);

#endif
