#include "clock.h"

int64_t
clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t
time_now(void)
{
	return clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t
time_ticks(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}
