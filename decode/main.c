/* SPDX-License-Identifier: MIT */
/*
 * wos-decode: read events as JSON lines, write a group of SQL for each.
 * Touches neither network nor database: it handles bytes a stranger chose.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beginning.h"
#include "catalogue.h"
#include "decode.h"
#include "descriptors.h"
#include "heap.h"
#include "lines.h"
#include "log.h"
#include "output.h"
#include "pipe.h"
#include "status.h"
#include "trace/trace.h"
#include "utf8.h"

/*
 * What is gathered before it is written, in bytes.  The event that makes it
 * full should fit into a buffer of 256 KiB as well, which grows to its double.
 */
#define OUTPUT_CHUNK (240 * 1024)

/* More than a piece of output takes: what only a huge event needs. */
#define HUGE_BYTES (1024 * 1024)

static bool strict;

/* What was done so far. */
static struct {
	int64_t lines, parked, bytes_in, bytes_out;
} count;

static bool dies_of_pipe; /* were it not for its span */

static _Noreturn void
usage(void)
{
	log_usage("usage: wos-decode [--log-format text|json] [--strict] "
		  "[file ...]\n"
		  "       wos-decode --events\n");
}

static _Noreturn void
help(void)
{
	printf("usage: wos-decode [--log-format text|json] [--strict] "
	       "[file ...]\n"
	       "       wos-decode --events\n"
	       "Reads WorkOS events as JSON lines, writes SQL for SQLite and "
	       "PostgreSQL.\n\n"
	       "  --log-format json  messages as lines of JSON, not as text\n"
	       "  --strict           stop at the first line that can't be "
	       "decoded, exit 1\n"
	       "  --events           print what each type of event does, and "
	       "stop\n"
	       "  --help             print this\n"
	       "  --version          print the version\n\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage, 3 done, but some "
	       "lines were parked.\n");
	exit(descriptors_flush());
}

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
flush(struct buf *out)
{
	count.bytes_out += (int64_t)out->len;
	if (out->len > 0 && output_write(out) == -1)
		write_failed();
}

/* Nothing is held back any more when this returns. */
static void
flush_all(struct buf *out)
{
	flush(out);
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
complain(const struct decoder *d, const char *name, size_t line)
{
	if (count.parked < LOG_PARKED_MOST) {
		log_field("file", name);
		log_field_int("line", (int64_t)line);
		log_field("event_id", decoder_event_id(d));
		if (strict)
			log_field_int("exit_status", STATUS_FAILED);
		log_message(strict ? LEVEL_ERROR : LEVEL_WARNING,
		    "%s: line %zu: %s", name, line, decoder_why(d));
	}
	span_event(trace_program(), strict ? "refused" : "parked", "wos.line",
	    (int64_t)line);
}

/* At the end, whichever: how many were parked without a word. */
static void
complain_of_rest(void)
{
	if (count.parked <= LOG_PARKED_MOST)
		return;
	log_field_int("parked", count.parked);
	log_warnx("%" PRId64 " more lines were parked",
	    count.parked - LOG_PARKED_MOST);
}

/*
 * What has been decoded is written before the program waits for more input:
 * a slow stream passes through promptly, and a reader's end is found out.
 */
static void
pass_on(struct buf *out, const struct lines *in)
{
	bool ready = lines_ready(in);

	if (ready && out->len < OUTPUT_CHUNK)
		return;
	if (ready || lines_waiting(in))
		flush(out);
	else
		flush_all(out);
}

/* Is the stream of another kind?  Then nothing of it is written. */
static void
check_beginning(const char *name, const char *text, size_t len)
{
	const char *why = beginning_refused(text, len);

	if (why == NULL)
		return;
	log_field("file", name);
	log_errx(STATUS_FAILED, "%s: %s", name, why);
}

/* The first line has what some programs begin a file with behind it. */
static void
begin_stream(const char *name, struct line *line)
{
	size_t mark = utf8_mark(line->p, line->len);

	line->p += mark;
	line->len -= mark;
	line->size -= mark;
	check_beginning(name, line->p, line->len);
}

static void
decode_stream(struct decoder *d, int fd, const char *name)
{
	struct lines in = {.fd = fd};
	struct line line;
	struct buf out = {0};
	size_t n = 0, whole;
	int rc;

	pipe_enlarge(fd);
	while ((rc = lines_next(&in, &line)) == 1) {
		if (n++ == 0)
			begin_stream(name, &line);
		count.lines++;
		count.bytes_in += (int64_t)line.size + 1;
		whole = out.len;
		if (!is_blank(&line) &&
		    decoder_line(d, line.p, line.len, line.size, &out) == -1) {
			complain(d, name, n);
			if (strict) {
				out.len = whole;
				flush_all(&out);
				trace_exiting(STATUS_FAILED);
				exit(STATUS_FAILED);
			}
			count.parked++;
		}
		pass_on(&out, &in);
	}
	flush_all(&out);
	if (rc == -1 && errno != 0)
		log_err(
		    STATUS_FAILED, "%s: read error after line %zu", name, n);
	if (rc == -1 && n == 0)
		check_beginning(name, in.buf.p, in.buf.len);
	if (rc == -1) {
		log_field("file", name);
		log_field_int("line", (int64_t)n + 1);
		log_errx(STATUS_FAILED, "%s: line %zu: cut short", name, n + 1);
	}
	buf_free(&out);
	lines_release(&in);
}

static void
decode_file(struct decoder *d, const char *name)
{
	int fd;

	if (strcmp(name, "-") == 0) {
		decode_stream(d, STDIN_FILENO, "stdin");
		return;
	}
	if ((fd = open(name, O_RDONLY | O_CLOEXEC)) == -1)
		log_err(STATUS_FAILED, "%s", name);
	decode_stream(d, fd, name);
	close(fd);
}

/*
 * Prints the catalogue's events by name, one line for each thing that an event
 * does: event, asked, effect, table, and where in it the object or key is.
 */
static void
print_events(void)
{
	static const char *const asked[] = {
	    [USUAL] = "usual", [RARE] = "rare", [FORMER] = "former"};
	static const char *const effect[] = {[EFFECT_UPSERT] = "upsert",
	    [EFFECT_DELETE] = "delete",
	    [EFFECT_INSERT] = "insert"};
	size_t n;
	const struct event_type *type = catalogue_event_types(&n);
	struct buf out = {0};

	for (; n > 0; n--, type++)
		for (size_t i = 0; i < type->neffects; i++) {
			const struct effect *e = &type->effect[i];

			buf_printf(&out, "%s\t%s\t%s\t%s\tdata%s%s\n",
			    type->name, asked[type->asked], effect[e->kind],
			    e->table->name, *e->at ? "." : "", e->at);
		}
	flush_all(&out);
	buf_free(&out);
}

static void
trace_decode(void)
{
	trace_init("wos-decode");
	trace_counter("wos.lines", &count.lines);
	trace_counter("wos.parked", &count.parked);
	trace_counter("wos.bytes_in", &count.bytes_in);
	trace_counter("wos.bytes_out", &count.bytes_out);
	dies_of_pipe = trace_on && signal(SIGPIPE, SIG_IGN) != SIG_IGN;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"log-format", required_argument, NULL, 'l'},
	    {"strict", no_argument, NULL, 's'},
	    {"events", no_argument, NULL, 'e'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	struct decoder *d;
	bool events = false;
	int c, status;

	log_init();
	descriptors_keep();
	heap_give_back(HUGE_BYTES);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'l':
			log_format("--log-format", optarg);
			break;
		case 's':
			strict = true;
			break;
		case 'e':
			events = true;
			break;
		case 'h':
			help();
		case 'V':
			printf("wos-decode %s\n", WOS_VERSION);
			return descriptors_flush();
		default:
			log_bad_option(argv);
			usage();
		}
	if (events && (strict || optind < argc))
		usage();
	if (events) {
		print_events();
		return STATUS_DONE;
	}
	trace_decode();
	atexit(complain_of_rest);
	d = decoder_new();
	if (optind == argc)
		decode_file(d, "-");
	for (; optind < argc; optind++)
		decode_file(d, argv[optind]);
	decoder_free(d);
	status = count.parked > 0 ? STATUS_PARKED : STATUS_DONE;
	trace_exiting(status);
	return status;
}
