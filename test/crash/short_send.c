/* SPDX-License-Identifier: MIT */
/*
 * Preloaded: of much that is sent, a socket takes half at once.  An answer to
 * that may arrive; asked again for the rest, the socket takes nothing
 * FULL_TIMES times, and then all of it, as one does whose other end reads
 * meanwhile.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#define MUCH ((size_t)64 * 1024)
#define ANSWER_MS 50

typedef ssize_t send_fn(int, const void *, size_t, int);

static ssize_t
send_all(send_fn *next, int fd, const char *p, size_t size, int flags)
{
	struct pollfd writable = {.fd = fd, .events = POLLOUT};
	size_t sent = 0;
	ssize_t n;

	while (sent < size) {
		n = next(fd, p + sent, size - sent, flags);
		if (n > 0)
			sent += (size_t)n;
		else if (errno != EAGAIN || poll(&writable, 1, 300000) != 1)
			return -1;
	}
	return (ssize_t)size;
}

ssize_t
send(int fd, const void *buf, size_t size, int flags)
{
	static send_fn *next;
	static int turn;
	struct pollfd readable = {.fd = fd, .events = POLLIN};

	if (next == NULL)
		next = (send_fn *)dlsym(RTLD_NEXT, "send");
	if (size < MUCH)
		return next(fd, buf, size, flags);
	if (turn++ == 0)
		return send_all(next, fd, buf, size / 2, flags);
	if (turn > strtol(getenv("FULL_TIMES"), NULL, 10) + 1) {
		turn = 0;
		return send_all(next, fd, buf, size, flags);
	}
	if (turn == 2)
		poll(&readable, 1, ANSWER_MS);
	errno = EAGAIN;
	return -1;
}
