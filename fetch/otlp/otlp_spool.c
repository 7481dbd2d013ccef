/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "otlp_shape.h"
#include "otlp_spool.h"
#include "trace/trace.h"

static const char line_start[] = TRACE_LINE_START;
static const char line_end[] = TRACE_LINE_END;

int
spool_init(struct spool *s)
{
	const char *dir = getenv("TMPDIR");
	struct buf name = {0};

	buf_printf(&name, "%s/wos-otlp.XXXXXX",
	    dir != NULL && *dir != '\0' ? dir : "/tmp");
	buf_str(&name);
	*s = (struct spool){.fd = mkstemp(name.p), .name = name.p};
	return s->fd == -1 || fcntl(s->fd, F_SETFD, FD_CLOEXEC) == -1 ? -1 : 0;
}

void
spool_unlink(struct spool *s)
{
	unlink(s->name);
}

void
spool_release(struct spool *s)
{
	close(s->fd);
	free(s->name);
	buf_free(&s->resource);
	*s = (struct spool){.fd = -1};
}

int64_t
spool_left(const struct spool *s)
{
	struct stat st;

	return fstat(s->fd, &st) == -1 ? 0 : st.st_size - s->done;
}

/* Reads up to `most` bytes from there.  Returns how many, or -1 with errno. */
static ssize_t
read_at(int fd, char *p, size_t most, int64_t at)
{
	size_t len = 0;
	ssize_t n = 0;

	while (len < most &&
	       ((n = pread(fd, p + len, most - len, at + (int64_t)len)) > 0 ||
		   (n == -1 && errno == EINTR)))
		len += n > 0 ? (size_t)n : 0;
	return n == -1 ? -1 : (ssize_t)len;
}

static int64_t
count_spans(const char *p, size_t len)
{
	static const char mark[] = "\"spanId\":\"";
	const char *end = p + len;
	int64_t n = 0;

	for (;
	     (p = memmem(p, (size_t)(end - p), mark, sizeof mark - 1)) != NULL;
	     p += sizeof mark - 1)
		n++;
	return n;
}

/* Adds the spans of the line to those of the body. */
static void
add_line(struct buf *body, const char *line, size_t len, int64_t *spans)
{
	const size_t start = sizeof line_start - 1, end = sizeof line_end - 1;
	int64_t n = count_spans(line, len);

	if (n == 0 || len < start + end ||
	    memcmp(line, line_start, start) != 0 ||
	    memcmp(line + len - end, line_end, end) != 0 ||
	    !shape_is_ours(line, len))
		return;
	if (*spans > 0)
		buf_putc(body, ',');
	buf_add(body, line + start, len - start - end);
	*spans += n;
}

/* Adds all whole lines of the text.  Returns their length. */
static size_t
add_lines(struct buf *body, const char *text, size_t len, int64_t *spans)
{
	const char *p = text, *end = text + len, *newline;

	for (; (newline = memchr(p, '\n', (size_t)(end - p))) != NULL;
	     p = newline + 1)
		add_line(body, p, (size_t)(newline - p), spans);
	return (size_t)(p - text);
}

int
spool_read(
    const struct spool *s, struct buf *body, int64_t *spans, int64_t *next)
{
	int64_t left = spool_left(s);
	size_t most = SPOOL_CHUNK;
	char *text;
	ssize_t len;
	size_t used = 0;

	if (left < (int64_t)most) /* negative where another has cut it off */
		most = left > 0 ? (size_t)left : 0;
	if ((text = malloc(most + 1)) == NULL)
		return -1;
	buf_clear(body);
	*spans = 0;
	len = read_at(s->fd, text, most, s->done);
	if (len > 0) {
		buf_puts(body,
		    "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
		buf_add(body, s->resource.p, s->resource.len);
		buf_puts(body, "]},\"scopeSpans\":[");
		used = add_lines(body, text, (size_t)len, spans);
		buf_puts(body, line_end);
	}
	free(text);
	if (used == 0 && len == (ssize_t)SPOOL_CHUNK)
		used = SPOOL_CHUNK; /* that is no line of ours */
	*next = s->done + (int64_t)used;
	return len == -1 ? -1 : used > 0;
}

int64_t
spool_count(const struct spool *s)
{
	struct spool rest = *s;
	struct buf body = {0};
	int64_t spans, sum = 0;

	while (spool_read(&rest, &body, &spans, &rest.done) == 1)
		sum += spans;
	buf_free(&body);
	return sum;
}

/* Moves what is left to the file's beginning, if it is not too much. */
static int
move_rest(struct spool *s, int64_t left)
{
	char *rest = malloc(left > 0 ? (size_t)left : 1);
	int rc = -1;

	if (rest != NULL &&
	    read_at(s->fd, rest, (size_t)left, s->done) == left &&
	    pwrite(s->fd, rest, (size_t)left, 0) == left &&
	    ftruncate(s->fd, left) == 0)
		rc = 0;
	free(rest);
	return rc;
}

void
spool_shrink(struct spool *s)
{
	int64_t left;

	if (s->done < SPOOL_KEEP || flock(s->fd, LOCK_EX | LOCK_NB) == -1)
		return;
	left = spool_left(s);
	/* It must not overwrite itself, nor hold up those who write. */
	if (left >= 0 && left <= SPOOL_KEEP && move_rest(s, left) == 0)
		s->done = 0;
	flock(s->fd, LOCK_UN);
}
