/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "report.h"
#include "status.h"

/* One read, in bytes: all that a pipe of Linux holds. */
#define CHUNK 65536

void
report_init(struct report *r, int fd)
{
	*r = (struct report){.fd = fd, .terms = {.margin = -1}};
}

static bool
is_readable(const struct report *r)
{
	struct pollfd p = {.fd = r->fd, .events = POLLIN};

	return r->fd != -1 && poll(&p, 1, 0) == 1;
}

/* Takes the whole lines out of the buffer. */
static void
take_lines(struct report *r)
{
	char *line = r->buf.p, *end = r->buf.p + r->buf.len, *newline;

	for (; line < end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (newline == NULL)
			break;
		r->lines++;
		if (terms_take(&r->terms, line, (size_t)(newline - line)) == -1)
			log_errx(STATUS_FAILED,
			    "--report: line %zu: wos-fetch writes no such "
			    "line",
			    r->lines);
	}
	buf_consume(&r->buf, (size_t)(line - r->buf.p));
	if (r->buf.len > TERMS_LINE_MAX)
		log_errx(STATUS_FAILED,
		    "--report: line %zu: it has more than %d bytes",
		    r->lines + 1, TERMS_LINE_MAX);
}

void
report_read(struct report *r)
{
	ssize_t n;

	while (is_readable(r)) {
		buf_reserve(&r->buf, CHUNK);
		n = read(r->fd, r->buf.p + r->buf.len, CHUNK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			log_err(STATUS_FAILED, "--report");
		if (n == 0)
			r->fd = -1;
		r->buf.len += (size_t)n;
		take_lines(r);
	}
}

void
report_release(struct report *r)
{
	buf_free(&r->buf);
	terms_free(&r->terms);
}
