/* SPDX-License-Identifier: MIT */
#include "clock.h"

/*
 * Unix seconds, in 2200: so many nanoseconds, and those of a run on top, still
 * are a number of 64 bits.
 */
#define SECONDS_MAX INT64_C(7258118400)

int64_t
clock_ns(clockid_t clock)
{
	struct timespec t;
	int64_t s;

	clock_gettime(clock, &t);
	s = t.tv_sec < SECONDS_MAX ? t.tv_sec : SECONDS_MAX;
	if (clock == CLOCK_REALTIME && s < 0)
		s = 0;
	return s * 1000000000 + t.tv_nsec;
}

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
time_now(void)
{
	int64_t ms = clock_ms(CLOCK_REALTIME);

	return ms > 0 ? ms : 0;
}

int64_t
time_ticks(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}
