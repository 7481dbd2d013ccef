/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "output.h"
#include "log.h"
#include "status.h"
#include "stop.h"
#include "trace/trace.h"
#include "visible.h"

void
output_init(struct output *o, int fd, struct filter *filter)
{
	struct stat st;

	*o = (struct output){.fd = fd, .filter = filter};
	if (fstat(fd, &st) == -1)
		log_errx(STATUS_FAILED, "standard output: %s", strerror(errno));
	o->waits = !S_ISREG(st.st_mode);
	/* libcurl may write to a socket that is gone, so it is ignored here. */
	signal(SIGPIPE, SIG_IGN);
}

void
output_release(struct output *o)
{
	buf_free(&o->lines);
}

bool
output_pending(const struct output *o)
{
	return o->written < o->lines.len;
}

void
output_put(struct output *o, struct buf *lines)
{
	if (o->filter != NULL)
		filter_lines(o->filter, lines);
	if (visible_wanted(o->fd))
		visible_data(lines);
	buf_free(&o->lines);
	o->lines = *lines;
	o->written = 0;
	*lines = (struct buf){0};
}

static void
output_failed(void)
{
	if (errno == EPIPE) {
		trace_signalled(SIGPIPE);
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	log_errx(STATUS_FAILED, "standard output: %s", strerror(errno));
}

/*
 * Once poll says so, a pipe takes PIPE_BUF bytes without blocking.  Waits no
 * longer than that many ms, and not once `wake`, unless it is -1, is readable.
 */
static bool
output_step(struct output *o, int wake, int timeout)
{
	struct pollfd p[] = {
	    {.fd = o->fd, .events = POLLOUT}, {.fd = wake, .events = POLLIN}};
	size_t len = o->lines.len - o->written;
	ssize_t n;

	if (o->waits) {
		if (poll(p, 2, timeout) <= 0 || p[0].revents == 0)
			return false; /* or a signal came */
		len = len < PIPE_BUF ? len : PIPE_BUF;
	}
	n = write(o->fd, o->lines.p + o->written, len);
	if (n > 0)
		o->written += (size_t)n;
	else if (n == -1 && errno == EAGAIN)
		return false;
	else if (n == -1 && errno != EINTR)
		output_failed();
	return true;
}

void
output_write(struct output *o)
{
	while (output_pending(o) && output_step(o, -1, 0))
		continue;
}

/* Drops everything behind the line that is half written. */
static void
output_cut(struct output *o)
{
	const char *rest = o->lines.p + o->written, *newline;
	bool at_start = o->written == 0 || rest[-1] == '\n';

	newline = memchr(rest, '\n', o->lines.len - o->written);
	if (at_start)
		o->lines.len = o->written;
	else if (newline != NULL)
		o->lines.len = (size_t)(newline + 1 - o->lines.p);
}

void
output_drain(struct output *o, int wake)
{
	int64_t until, left;

	while (output_pending(o) && !stop_wanted())
		output_step(o, wake, -1);
	if (!output_pending(o))
		return;
	output_cut(o);
	until = time_ticks() + STOP_MS;
	while (output_pending(o) && (left = until - time_ticks()) > 0)
		output_step(o, -1, (int)left);
	stop_now();
}
