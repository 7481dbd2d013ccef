/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beginning.h"
#include "clock.h"
#include "descriptors.h"
#include "erase.h"
#include "forget/strip.h"
#include "forget/who.h"
#include "lines.h"
#include "log.h"
#include "memory.h"
#include "status.h"

struct input {
	const char *name;
	int fd;
	off_t begin;
	FILE *copy; /* of what can't be read twice, or NULL */
};

struct erase {
	FILE *who;
	struct input *input;
	size_t n;
	struct erased erased;
	int64_t now;
	bool addresses; /* some were named */
	bool writing;
	size_t left_out;
};

/* What can't be read again from its beginning is read into a file. */
static void
add_input(struct erase *e, const char *name)
{
	struct input *in;
	bool is_stdin = strcmp(name, "-") == 0;

	e->input = memory_more(e->input, e->n + 1, sizeof *e->input);
	in = &e->input[e->n++];
	*in = (struct input){.name = is_stdin ? "stdin" : name};
	in->fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	if (is_stdin)
		descriptors_await("events, a line of JSON each");
	if (in->fd == -1)
		log_err(STATUS_FAILED, "%s", name);
	in->begin = lseek(in->fd, 0, SEEK_CUR);
	if (in->begin == -1 && (in->copy = tmpfile()) == NULL)
		log_err(STATUS_FAILED, "temporary file");
}

struct erase *
erase_open(const char *who, char *const *file)
{
	struct erase *e = memory_new(1, sizeof *e);

	e->now = time_now();
	e->who = who_open("--erase", who);
	if (*file == NULL)
		add_input(e, "-");
	for (; *file != NULL; file++)
		add_input(e, *file);
	return e;
}

static void
take_named(void *arg, enum erased_kind kind, const char *text, size_t len)
{
	struct erase *e = arg;

	e->addresses |= kind == ERASED_ADDRESS;
	erased_add(&e->erased, kind, text, len, e->now);
}

static void
take_learnt(void *arg, enum erased_kind kind, const char *text, size_t len)
{
	struct erase *e = arg;

	erased_add(&e->erased, kind, text, len, e->now);
}

/* Reads what comes from a pipe into its copy. */
static void
keep_copy(struct input *in)
{
	char piece[BUFSIZ];
	ssize_t n;

	while ((n = read(in->fd, piece, sizeof piece)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			log_err(STATUS_FAILED, "%s: read error", in->name);
		if (fwrite(piece, 1, (size_t)n, in->copy) != (size_t)n)
			log_err(STATUS_FAILED, "temporary file");
	}
	if (fflush(in->copy) == EOF)
		log_err(STATUS_FAILED, "temporary file");
	in->fd = fileno(in->copy);
	in->begin = 0;
}

typedef void line_fn(struct erase *e, const struct line *line);

/* A mark before the first line is passed on as it is. */
static void
begin(const struct erase *e, const struct input *in, struct line *line)
{
	const char *start = line->p;
	size_t mark = beginning_take(in->name, line);

	if (e->writing)
		fwrite(start, 1, mark, stdout);
}

static void
each_of(struct erase *e, const struct input *in, line_fn *take)
{
	struct lines lines = {.fd = in->fd};
	struct line line;
	size_t n = 0;
	int rc;

	if (lseek(in->fd, in->begin, SEEK_SET) == -1)
		log_err(STATUS_FAILED, "%s", in->name);
	while ((rc = lines_next(&lines, &line)) == 1) {
		if (n++ == 0)
			begin(e, in, &line);
		if (line.size > line.len)
			log_errx(STATUS_FAILED,
			    "%s: line %zu: %zu bytes, a line may have %d",
			    in->name, n, line.size, LINE_MAX_BYTES);
		take(e, &line);
	}
	if (rc == -1 && errno != 0)
		log_err(STATUS_FAILED, "%s: read error", in->name);
	if (rc == -1 && n == 0)
		beginning_check(in->name, lines.buf.p, lines.buf.len);
	if (rc == -1)
		log_errx(
		    STATUS_FAILED, "%s: line %zu: cut short", in->name, n + 1);
	lines_release(&lines);
}

static void
each_line(struct erase *e, line_fn *take)
{
	for (size_t i = 0; i < e->n; i++)
		each_of(e, &e->input[i], take);
}

static void
take_ids(struct erase *e, const struct line *line)
{
	learn_ids(&e->erased, line->p, line->len, take_learnt, e);
}

static void
take_addresses(struct erase *e, const struct line *line)
{
	learn_addresses(&e->erased, line->p, line->len, take_learnt, e);
}

static void
write_line(struct erase *e, const struct line *line)
{
	struct buf out = {0};
	enum stripped rc = strip_line(&e->erased, line->p, line->len, &out);

	if (rc == STRIP_NONE)
		fwrite(line->p, 1, line->len, stdout);
	else if (rc == STRIP_MADE)
		fwrite(out.p, 1, out.len, stdout);
	else
		e->left_out++;
	if (rc != STRIP_BLANK)
		putchar('\n');
	buf_free(&out);
}

int
erase_lines(struct erase *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->input[i].copy != NULL)
			keep_copy(&e->input[i]);
	who_read("--erase", e->who, take_named, e);
	if (e->addresses)
		each_line(e, take_ids);
	each_line(e, take_addresses);
	e->writing = true;
	each_line(e, write_line);
	if (e->left_out > 0)
		log_warnx(
		    "%zu lines of theirs are no JSON: left out", e->left_out);
	erased_release(&e->erased);
	return descriptors_flush();
}
