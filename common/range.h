/* SPDX-License-Identifier: MIT */
#ifndef WOS_RANGE_H
#define WOS_RANGE_H

#include <stdint.h>

#include "clock.h"
#include "buf.h"

/* A time that is not there: no beginning, no end. */
#define TIME_NONE INT64_MIN

#define SECOND_MS INT64_C(1000)
#define DAY_MS (INT64_C(86400) * SECOND_MS)

/* 10,000 years: what is further away from 1970 is no time that is meant. */
#define TIME_MAX_MS (INT64_C(10000) * 366 * DAY_MS)

/* "You can query for up to 30 days of events per request." */
#define RANGE_MAX_MS (30 * DAY_MS)

/*
 * Whether the API counts an event at range_start itself is not documented
 * ("created after this date"), so it is asked for from a moment before, and
 * what is outside of the range is left out here.  The end needs no such care:
 * a range holds what comes before it.
 */
#define START_MARGIN_MS 1

/*
 * Reads a TIME: ISO 8601, Unix milliseconds, or an age (60s, 15m, 1h, 30d)
 * before `now`.  Returns 0, or -1 if it is none of these.
 */
int time_read(const char *text, int64_t now, int64_t *ms);

/* Reads a span of time, as an age is written.  Returns 0 or -1. */
int time_read_span(const char *text, int64_t *ms);

/* Adds a time as the API takes it. */
void time_add(struct buf *out, int64_t ms);

#endif
