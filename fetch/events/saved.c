/* SPDX-License-Identifier: MIT */
/*
 * Saved answers: JSON values one after the other.  Brackets alone show where a
 * value ends; then it is checked as strictly as an answer of the API.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "counts.h"
#include "descriptors.h"
#include "output.h"
#include "page.h"
#include "saved.h"
#include "log.h"
#include "status.h"
#include "stop.h"
#include "trace/trace.h"
#include "types.h"
#include "utf8.h"

struct saved {
	const char *name;
	const struct names *types;
	uint64_t left; /* events that may still be written */
	struct output output;
	int wake; /* readable when the program is to stop */
	struct buf lines;
	struct buf value; /* what has been read of it */
	size_t line, value_line;
	unsigned depth;
	bool string, escape;
};

static _Noreturn void
saved_refuse(struct saved *s, const char *why)
{
	char name[LOG_QUOTE_SIZE], text[LOG_QUOTE_SIZE];

	output_put(&s->output, &s->lines);
	output_drain(&s->output, s->wake);
	log_quote(name, s->name, strlen(s->name));
	log_quote(text, s->value.len ? s->value.p : "", s->value.len);
	log_field("file", s->name);
	log_field_int("line", (int64_t)s->value_line);
	log_errx(STATUS_FAILED, "%s: line %zu: %s; it begins: %s", name,
	    s->value_line, why, text);
}

/* Does the event's line stay? */
static bool
saved_event(void *arg, const struct event *e)
{
	struct saved *s = arg;
	char type[NAME_MOST + 1];

	if (s->left == 0)
		return false;
	if (s->types != NULL &&
	    (page_string(e->type, type, sizeof type) == -1 ||
		!types_want(s->types, type)))
		return false;
	s->left--;
	return true;
}

/* An object of its own: an event has an id and says what it is. */
static void
saved_single(struct saved *s)
{
	size_t begin = s->lines.len;
	struct event e;

	if (page_read_event(s->value.p, s->value.len, &s->lines, &e) &&
	    e.id.p != NULL && (e.type.p != NULL || e.object.p != NULL)) {
		if (!saved_event(s, &e))
			s->lines.len = begin;
		return;
	}
	s->lines.len = begin;
	saved_refuse(s, "neither a list page nor an event");
}

static void
saved_value(struct saved *s)
{
	struct page page = {.lines = &s->lines, .take = saved_event, .arg = s};
	uint64_t left = s->left;

	switch (page_read(&page, s->value.p, s->value.len)) {
	case PAGE_GOOD:
		break;
	case PAGE_WRONG:
		s->left = left;
		saved_single(s);
		break;
	case PAGE_CUT:
	case PAGE_GARBLED:
		saved_refuse(s, page.why);
	}
	buf_clear(&s->value);
}

/* One byte inside a value: does it end there? */
static bool
saved_ends(struct saved *s, char c)
{
	if (s->string) {
		if (s->escape)
			s->escape = false;
		else if (c == '\\')
			s->escape = true;
		else if (c == '"')
			s->string = false;
		return false;
	}
	if (c == '"')
		s->string = true;
	else if (c == '{' || c == '[')
		s->depth++;
	else if (c == '}' || c == ']')
		return --s->depth == 0;
	return false;
}

static void
saved_bytes(struct saved *s, const char *p, size_t len)
{
	for (const char *end = p + len; p < end; p++) {
		if (*p == '\n')
			s->line++;
		if (s->depth == 0) {
			if (memchr(" \t\r\n", *p, 4) != NULL)
				continue;
			s->value_line = s->line;
		}
		if (s->value.len == SAVED_MAX)
			saved_refuse(s, "larger than a page may be");
		buf_putc(&s->value, *p);
		if (saved_ends(s, *p))
			saved_value(s);
		else if (s->depth == 0)
			saved_refuse(s, "neither a list page nor an event");
	}
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
	size_t n = saved_begin(s, fd, bytes, sizeof bytes);

	do {
		saved_bytes(s, bytes, n);
		output_put(&s->output, &s->lines);
		output_drain(&s->output, s->wake);
	} while (
	    s->left > 0 && (n = saved_some(s, fd, bytes, sizeof bytes)) > 0);
	if (s->left > 0 && s->depth > 0)
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
	s->line = s->value_line = 1;
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
	struct saved s = {.types = types, .left = max};

	output_init(&s.output, STDOUT_FILENO, filter);
	s.wake = stop_init();
	for (int i = 0; i < nfiles && s.left > 0; i++) {
		saved_file(&s, file[i]);
		counts_set(COUNT_EVENTS_FETCHED, (int64_t)(max - s.left));
	}
	span_int(trace_program(), "wos.events", (int64_t)(max - s.left));
	output_release(&s.output);
	buf_free(&s.lines);
	buf_free(&s.value);
}
