/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: from each look at the clock that measures time to the next, five
 * seconds pass, however quick the machine is.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STEP_S 5

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	static time_t now = 1000000000;

	if (clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, t);
	now += STEP_S;
	*t = (struct timespec){.tv_sec = now};
	return 0;
}
