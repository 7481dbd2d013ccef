/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beginning.h"
#include "descriptors.h"
#include "lines.h"
#include "log.h"
#include "output.h"
#include "pipe.h"
#include "status.h"
#include "stream.h"
#include "trace/trace.h"

/*
 * What is gathered before it is written, in bytes.  The event that makes it
 * full should fit into a buffer of 256 KiB as well, which grows to its double.
 */
#define OUTPUT_CHUNK (240 * 1024)

static bool dies_of_pipe; /* were it not for its span */

/* Where nobody reads any more, a filter goes quietly, but not untold. */
static _Noreturn void
write_failed(void)
{
	if (errno == EPIPE && dies_of_pipe) {
		trace_signalled(SIGPIPE);
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	log_err(STATUS_FAILED, "write error");
}

static void
flush(struct stream *s, struct buf *out)
{
	s->bytes_out += (int64_t)out->len;
	if (out->len > 0 && output_write(out) == -1)
		write_failed();
}

/* Nothing is held back any more when this returns. */
static void
flush_all(struct stream *s, struct buf *out)
{
	flush(s, out);
	if (output_drain() == -1)
		write_failed();
}

static bool
is_blank(const struct line *line)
{
	if (line->size > line->len)
		return false; /* its end is not known */
	for (size_t i = 0; i < line->len; i++)
		if (strchr(" \t\r", line->p[i]) == NULL || line->p[i] == '\0')
			return false;
	return true;
}

/* Says why the line was refused: it is parked, or the end of --strict. */
static void
complain(const struct stream *s, const char *name, size_t line)
{
	if (s->parked < LOG_PARKED_MOST) {
		log_field("file", name);
		log_field_int("line", (int64_t)line);
		log_field("event_id", decoder_event_id(s->decoder));
		if (s->strict)
			log_field_int("exit_status", STATUS_FAILED);
		log_message(s->strict ? LEVEL_ERROR : LEVEL_WARNING,
		    "%s: line %zu: %s", name, line, decoder_why(s->decoder));
	}
	span_event(trace_program(), s->strict ? "refused" : "parked",
	    "wos.line", (int64_t)line);
}

/*
 * What has been decoded is written before the program waits for more input:
 * a slow stream passes through promptly, and a reader's end is found out.
 */
static void
pass_on(struct stream *s, struct buf *out, const struct lines *in)
{
	bool ready = lines_ready(in);

	if (ready && out->len < OUTPUT_CHUNK)
		return;
	if (ready || lines_waiting(in))
		flush(s, out);
	else
		flush_all(s, out);
}

static void
decode_line(struct stream *s, const char *name, size_t n,
    const struct line *line, struct buf *out)
{
	const size_t whole = out->len;

	s->lines++;
	s->bytes_in += (int64_t)line->size + 1;
	if (is_blank(line) ||
	    decoder_line(s->decoder, line->p, line->len, line->size, out) == 0)
		return;
	complain(s, name, n);
	if (s->strict) {
		out->len = whole;
		flush_all(s, out);
		trace_exiting(STATUS_FAILED);
		exit(STATUS_FAILED);
	}
	s->parked++;
}

static void
decode(struct stream *s, int fd, const char *name)
{
	struct lines in = {.fd = fd};
	struct line line;
	struct buf out = {0};
	size_t n = 0;
	int rc;

	pipe_enlarge(fd);
	while ((rc = lines_next(&in, &line)) == 1) {
		if (n++ == 0)
			beginning_take(name, &line);
		decode_line(s, name, n, &line, &out);
		pass_on(s, &out, &in);
	}
	flush_all(s, &out);
	if (rc == -1 && errno != 0)
		log_err(
		    STATUS_FAILED, "%s: read error after line %zu", name, n);
	if (rc == -1 && n == 0)
		beginning_check(name, in.buf.p, in.buf.len);
	if (rc == -1) {
		log_field("file", name);
		log_field_int("line", (int64_t)n + 1);
		log_errx(STATUS_FAILED, "%s: line %zu: cut short", name, n + 1);
	}
	buf_free(&out);
	lines_release(&in);
}

void
stream_file(struct stream *s, const char *name)
{
	int fd;

	if (strcmp(name, "-") == 0) {
		descriptors_await("events, a line of JSON each");
		decode(s, STDIN_FILENO, "stdin");
		return;
	}
	if ((fd = open(name, O_RDONLY | O_CLOEXEC)) == -1)
		log_err(STATUS_FAILED, "%s", name);
	decode(s, fd, name);
	close(fd);
}

void
stream_trace(struct stream *s)
{
	trace_init("wos-decode");
	trace_counter("wos.lines", &s->lines);
	trace_counter("wos.parked", &s->parked);
	trace_counter("wos.bytes_in", &s->bytes_in);
	trace_counter("wos.bytes_out", &s->bytes_out);
	dies_of_pipe = trace_on && signal(SIGPIPE, SIG_IGN) != SIG_IGN;
}
