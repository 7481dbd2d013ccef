/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "counts.h"
#include "descriptors.h"
#include "output.h"
#include "saved.h"
#include "log.h"
#include "status.h"
#include "stop.h"
#include "trace/trace.h"
#include "utf8.h"
#include "values.h"

struct saved {
	const char *name;
	struct values values;
	struct output output;
	int wake; /* readable when the program is to stop */
};

static _Noreturn void
saved_refuse(struct saved *s, const char *why)
{
	char name[LOG_QUOTE_SIZE], text[LOG_QUOTE_SIZE];

	output_put(&s->output, &s->values.lines);
	output_drain(&s->output, s->wake);
	log_quote(name, s->name, strlen(s->name));
	log_quote(text, s->values.value.len ? s->values.value.p : "",
	    s->values.value.len);
	log_field("file", s->name);
	log_field_int("line", (int64_t)s->values.value_line);
	log_errx(STATUS_FAILED, "%s: line %zu: %s; it begins: %s", name,
	    s->values.value_line, why, text);
}

static _Noreturn void
saved_failed(const struct saved *s)
{
	log_errx(STATUS_FAILED, "%s: %s", s->name, strerror(errno));
}

/* Reads some bytes, as read(2) does; a signal ends the wait for them. */
static size_t
saved_some(const struct saved *s, int fd, char *bytes, size_t most)
{
	struct pollfd p[] = {
	    {.fd = fd, .events = POLLIN}, {.fd = s->wake, .events = POLLIN}};
	ssize_t n;

	for (;;) {
		if (stop_wanted())
			stop_now();
		n = poll(p, 2, -1);
		if (n > 0 && p[0].revents != 0)
			n = read(fd, bytes, most);
		else if (n > 0)
			continue; /* there was a signal */
		if (n != -1)
			return (size_t)n;
		if (errno != EINTR)
			saved_failed(s);
	}
}

/*
 * Reads the first bytes of a file and drops a byte order mark, which a pipe may
 * give in pieces.
 */
static size_t
saved_begin(const struct saved *s, int fd, char *bytes, size_t most)
{
	size_t len = 0, n, mark;

	while (len < UTF8_MARK_LEN &&
	       (n = saved_some(s, fd, bytes + len, most - len)) > 0)
		len += n;
	mark = utf8_mark(bytes, len);
	memmove(bytes, bytes + mark, len - mark);
	return len - mark;
}

static void
saved_read(struct saved *s, int fd)
{
	static char bytes[65536];
	const char *why;
	size_t n = saved_begin(s, fd, bytes, sizeof bytes);

	do {
		if ((why = values_take(&s->values, bytes, n)) != NULL)
			saved_refuse(s, why);
		output_put(&s->output, &s->values.lines);
		output_drain(&s->output, s->wake);
	} while (s->values.left > 0 &&
		 (n = saved_some(s, fd, bytes, sizeof bytes)) > 0);
	if (s->values.left > 0 && s->values.depth > 0)
		saved_refuse(s, "cut short");
}

/* To open a named pipe waits until somebody opens it for writing. */
static int
saved_open(const char *name)
{
	int fd;

	while ((fd = open(name, O_RDONLY | O_CLOEXEC)) == -1 && errno == EINTR)
		if (stop_wanted())
			stop_now();
	return fd;
}

static void
saved_file(struct saved *s, const char *name)
{
	bool is_stdin = strcmp(name, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : saved_open(name);

	s->name = is_stdin ? "standard input" : name;
	values_begin(&s->values);
	if (is_stdin)
		descriptors_await("events: lines of JSON, or the API's pages");
	if (fd == -1)
		saved_failed(s);
	saved_read(s, fd);
	if (!is_stdin)
		close(fd);
}

void
saved_write(char *const *file, int nfiles, const struct names *types,
    uint64_t max, struct filter *filter)
{
	struct saved s = {.values = {.types = types, .left = max}};

	output_init(&s.output, STDOUT_FILENO, filter);
	s.wake = stop_init();
	for (int i = 0; i < nfiles && s.values.left > 0; i++) {
		saved_file(&s, file[i]);
		counts_set(
		    COUNT_EVENTS_FETCHED, (int64_t)(max - s.values.left));
	}
	span_int(trace_program(), "wos.events", (int64_t)(max - s.values.left));
	output_release(&s.output);
	values_release(&s.values);
}
