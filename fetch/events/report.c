/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "pipe.h"
#include "report.h"
#include "log.h"
#include "status.h"

static int report_fd = -1;

static void
add_time(struct buf *out, const char *what, int64_t ms)
{
	if (ms != TIME_NONE)
		buf_printf(out, "%s %" PRId64 "\n", what, ms);
}

static void
add_begin(struct buf *out, const struct terms *t)
{
	if (t->after != NULL)
		buf_printf(out, "begins after %s\n", t->after);
	else if (t->since == TIME_NONE)
		buf_puts(out, "begins oldest\n");
	else
		add_time(out,
		    t->from_environment ? "begins range" : "begins at",
		    t->since);
}

void
report_add_terms(struct buf *out, const struct terms *t,
    const struct names *types, bool key_of_file)
{
	add_begin(out, t);
	add_time(out, "until", t->until);
	if (t->max != UINT64_MAX)
		buf_printf(out, "max %" PRIu64 "\n", t->max);
	add_time(out, "margin", t->margin);
	if (t->follow_ms > 0)
		add_time(out, "follow", t->follow_ms);
	if (t->organization != NULL)
		buf_printf(out, "organization %s\n", t->organization);
	buf_printf(out, "key %s\n", key_of_file ? "file" : "environment");
	for (size_t i = 0; i < types->n; i++)
		buf_printf(out, "type %s\n", types->name[i]);
}

/* A reader that is gone is no failure here: the stream will show it. */
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
