/*
 * Saved answers: JSON values one after the other.  They are told apart by
 * their brackets alone and then checked as strictly as an answer of the API.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "counts.h"
#include "output.h"
#include "page.h"
#include "saved.h"
#include "say.h"
#include "status.h"
#include "stop.h"
#include "trace.h"

struct saved {
	const char *name;
	const struct events *events;
	uint64_t left; /* events that may still be written */
	struct output output;
	struct buf lines;
	struct buf value; /* what has been read of it */
	size_t line, value_line;
	unsigned depth;
	bool string, escape;
};

static _Noreturn void
saved_refuse(struct saved *s, const char *why)
{
	char name[SAY_QUOTE_SIZE], text[SAY_QUOTE_SIZE];

	output_put(&s->output, &s->lines);
	output_drain(&s->output);
	say_quote(name, s->name, strlen(s->name));
	say_quote(text, s->value.len ? s->value.p : "", s->value.len);
	say_field("file", s->name);
	log_field_int("line", (int64_t)s->value_line);
	die(STATUS_FAILED, "%s: line %zu: %s; it begins: %s", name,
	    s->value_line, why, text);
}

static void
saved_event(struct saved *s, const struct event *e)
{
	char type[EVENT_NAME_MAX + 1];

	if (s->left == 0)
		return;
	if (s->events != NULL &&
	    (page_string(e->type, type, sizeof type) == -1 ||
		!events_want(s->events, type)))
		return;
	jsontext_compact(e->text, &s->lines);
	buf_putc(&s->lines, '\n');
	s->left--;
}

/* A page, or an object of its own: an event has an id and says what it is. */
static void
saved_value(struct saved *s)
{
	struct jsonspan value, kind;
	const char *why, *next = NULL;
	struct page page;
	struct event e;
	size_t at;

	value = jsontext_check(s->value.p, s->value.len, &why, &at);
	if (value.p == NULL)
		saved_refuse(s, why);
	if (page_of_value(&page, value, &why) == PAGE_GOOD) {
		while (page_event(&page, &next, &e))
			saved_event(s, &e);
	} else {
		event_of_value(&e, value);
		kind = jsontext_member(value, "object");
		if (e.id.p == NULL ||
		    (e.type.p == NULL && (kind.p == NULL || *kind.p != '"')))
			saved_refuse(s, "neither a list page nor an event");
		saved_event(s, &e);
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

/* Some programs begin a file with a byte order mark. */
static size_t
mark_length(const char *p, size_t len)
{
	return len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static void
saved_read(struct saved *s, int fd)
{
	static char bytes[65536];
	bool begun = false;
	size_t mark;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (stop_wanted())
			stop_now();
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			die(STATUS_FAILED, "%s: %s", s->name, strerror(errno));
		mark = begun ? 0 : mark_length(bytes, (size_t)n);
		begun = true;
		saved_bytes(s, bytes + mark, (size_t)n - mark);
		output_put(&s->output, &s->lines);
		output_drain(&s->output);
		if (s->left == 0)
			return;
	}
	if (s->depth > 0)
		saved_refuse(s, "cut short");
}

static void
saved_file(struct saved *s, const char *name)
{
	bool is_stdin = strcmp(name, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);

	s->name = is_stdin ? "standard input" : name;
	s->line = s->value_line = 1;
	if (fd == -1)
		die(STATUS_FAILED, "%s: %s", name, strerror(errno));
	saved_read(s, fd);
	if (!is_stdin)
		close(fd);
}

void
saved_write(
    char *const *file, int nfiles, const struct events *events, uint64_t max)
{
	struct saved s = {.events = events, .left = max};

	output_init(&s.output, STDOUT_FILENO);
	stop_init();
	for (int i = 0; i < nfiles && s.left > 0; i++) {
		saved_file(&s, file[i]);
		counts_set(COUNT_EVENTS_FETCHED, (int64_t)(max - s.left));
	}
	span_int(trace_program(), "wos.events", (int64_t)(max - s.left));
	output_release(&s.output);
	buf_free(&s.lines);
	buf_free(&s.value);
}
