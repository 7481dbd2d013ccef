/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: the program stops itself, as by SIGSTOP, before it reads more than
 * PAUSE_AFTER bytes of its standard input, or sees its end there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

ssize_t
read(int fd, void *buf, size_t size)
{
	static ssize_t (*next)(int, void *, size_t);
	static size_t left;
	static int paused;
	const char *after = getenv("PAUSE_AFTER");
	ssize_t n;

	if (next == NULL) {
		next =
		    (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
		left = after != NULL ? strtoul(after, NULL, 10) : 0;
	}
	if (fd != STDIN_FILENO || paused)
		return next(fd, buf, size);
	if (left == 0) {
		paused = 1;
		raise(SIGSTOP);
		return next(fd, buf, size);
	}
	n = next(fd, buf, size < left ? size : left);
	if (n > 0)
		left -= (size_t)n;
	return n;
}
