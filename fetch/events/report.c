/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "pipe.h"
#include "report.h"
#include "log.h"
#include "status.h"

static int report_fd = -1;

/* Nobody who reads is no failure: the stream itself will tell. */
static void
report_write(const struct buf *lines)
{
	int error;

	if (report_fd == -1)
		return;
	error = pipe_write(report_fd, lines->p, lines->len);
	if (error == EPIPE)
		report_fd = -1;
	else if (error != 0)
		log_errx(STATUS_FAILED, "--report: %s", strerror(error));
}

void
report_begin(int fd, const struct buf *terms)
{
	report_fd = fd;
	report_write(terms);
}

void
report_refused(const char *type)
{
	struct buf line = {0};

	buf_printf(&line, "refused %s\n", type);
	report_write(&line);
	buf_free(&line);
}

void
report_tail(int64_t ms, uint64_t lines)
{
	struct pollfd p = {.fd = report_fd, .events = POLLOUT};
	struct buf line = {0};

	if (report_fd == -1 || poll(&p, 1, 0) != 1)
		return;
	buf_printf(&line, "tail %" PRId64 " %" PRIu64 "\n", ms, lines);
	report_write(&line);
	buf_free(&line);
}

void
report_end(uint64_t lines)
{
	struct buf line = {0};

	buf_printf(&line, "end %" PRIu64 "\n", lines);
	report_write(&line);
	buf_free(&line);
}
