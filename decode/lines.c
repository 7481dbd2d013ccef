/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"

/* One read: the size of a large pipe, so that a full one is taken at once. */
#define CHUNK (256 * 1024)

/* Returns the bytes read, 0 at the end, -1 with errno set. */
static ssize_t
fill(struct lines *in)
{
	ssize_t n;

	buf_reserve(&in->buf, CHUNK);
	do
		n = read(in->fd, in->buf.p + in->buf.len, CHUNK);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		in->buf.len += (size_t)n;
	return n;
}

/* The newline that ends the line in the buffer, past the bytes seen. */
static const char *
find_newline(const struct lines *in, size_t seen)
{
	size_t start = in->used + seen;

	if (start == in->buf.len)
		return NULL;
	return memchr(in->buf.p + start, '\n', in->buf.len - start);
}

int
lines_next(struct lines *in, struct line *line)
{
	size_t seen = 0, dropped = 0, len;
	const char *newline;
	ssize_t n;

	while ((newline = find_newline(in, seen)) == NULL) {
		buf_consume(&in->buf, in->used);
		in->used = 0;
		if (in->buf.len > LINE_MAX_BYTES) {
			dropped += in->buf.len - LINE_MAX_BYTES;
			in->buf.len = LINE_MAX_BYTES;
		}
		seen = in->buf.len;
		if ((n = fill(in)) <= 0) {
			errno = n == 0 ? 0 : errno;
			return n == 0 && in->buf.len == 0 ? 0 : -1;
		}
	}
	line->p = in->buf.p + in->used;
	len = (size_t)(newline - line->p);
	line->len = len > LINE_MAX_BYTES ? LINE_MAX_BYTES : len;
	line->size = len + dropped;
	in->used += len + 1;
	return 1;
}

bool
lines_ready(const struct lines *in)
{
	return find_newline(in, 0) != NULL;
}

bool
lines_waiting(const struct lines *in)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

void
lines_release(struct lines *in)
{
	buf_free(&in->buf);
}
