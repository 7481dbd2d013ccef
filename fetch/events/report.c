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

static void
add_time(struct buf *out, const char *what, int64_t ms)
{
	if (ms != TIME_NONE)
		buf_printf(out, "%s %" PRId64 "\n", what, ms);
}

static void
add_begin(struct buf *out, const struct walk_options *walk)
{
	if (walk->after != NULL)
		buf_printf(out, "begins after %s\n", walk->after);
	else if (walk->since == TIME_NONE)
		buf_puts(out, "begins oldest\n");
	else
		add_time(out,
		    walk->from_environment ? "begins range" : "begins at",
		    walk->since);
}

void
report_add_terms(struct buf *out, const struct walk_options *walk,
    const struct names *events)
{
	if (walk == NULL) {
		buf_puts(out, "begins files\n");
		return;
	}
	add_begin(out, walk);
	add_time(out, "until", walk->until);
	if (walk->max != UINT64_MAX)
		buf_printf(out, "max %" PRIu64 "\n", walk->max);
	add_time(out, "margin", walk->margin);
	if (walk->follow_ms > 0)
		add_time(out, "follow", walk->follow_ms);
	if (walk->organization != NULL)
		buf_printf(out, "organization %s\n", walk->organization);
	buf_printf(out, "key %s\n", walk->key_of_file ? "file" : "environment");
	for (size_t i = 0; i < events->n; i++)
		buf_printf(out, "type %s\n", events->name[i]);
}

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
