/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: time passes SPEED times as quickly for the program, and so does
 * what it waits for with poll(2).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#define SPEED 60
#define NS 1000000000LL

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	static int (*next)(clockid_t, struct timespec *);
	long long ns;

	if (next == NULL)
		next = (int (*)(clockid_t, struct timespec *))dlsym(
		    RTLD_NEXT, "clock_gettime");
	if (next(clock, t) == -1)
		return -1;
	if (clock != CLOCK_MONOTONIC)
		return 0;
	ns = (t->tv_sec * NS + t->tv_nsec) * SPEED;
	t->tv_sec = ns / NS;
	t->tv_nsec = ns % NS;
	return 0;
}

int
poll(struct pollfd *fds, nfds_t n, int ms)
{
	static int (*next)(struct pollfd *, nfds_t, int);

	if (next == NULL)
		next = (int (*)(struct pollfd *, nfds_t, int))dlsym(
		    RTLD_NEXT, "poll");
	return next(fds, n, ms > 0 ? ms / SPEED + 1 : ms);
}
