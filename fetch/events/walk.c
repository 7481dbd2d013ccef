/* SPDX-License-Identifier: MIT */
/*
 * From a range or a cursor to lines on standard output.  The stream is a list
 * of windows in the order of time, of which the first is being written.  A
 * failure counts only when the stream gets to it, so that the output is always
 * a beginning of the whole.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counts.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "log.h"
#include "status.h"
#include "stop.h"
#include "stream.h"
#include "trace/trace.h"
#include "walk.h"

struct walk {
	struct stream in;
	struct output output;
	struct progress progress;
	uint64_t left;  /* events that may still be written */
	int wake;       /* readable when the program is to stop */
	bool passed;    /* has it come to `after`, where it has to? */
	bool forgotten; /* it has not, and is past its time */
	char last_id[CURSOR_MAX + 1]; /* of the last event written, or "" */
};

/* Leaves no more than the first n lines. */
static void
chunk_cut(struct chunk *chunk, uint64_t n)
{
	const char *p = chunk->lines.p, *end = p + chunk->lines.len;

	for (uint64_t i = 0; i < n; i++)
		p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	chunk->lines.len = (size_t)(p - chunk->lines.p);
	chunk->events = (size_t)n;
}

/*
 * With a margin, the cursor's event has to come before any later one is
 * written.  If it does not, the API has forgotten it, and perhaps others.
 */
static bool
walk_passes(struct walk *w, const struct chunk *chunk)
{
	if (chunk->passes)
		w->passed = true;
	else if (!w->passed && chunk->at != TIME_NONE &&
		 chunk->at > w->in.terms->passes_at)
		w->forgotten = true;
	return !w->forgotten;
}

/* Hands the next page to the output, if that is done with the last one. */
static void
walk_put(struct walk *w)
{
	struct chunk *chunk;

	if (output_pending(&w->output) || w->left == 0 || stop_wanted() ||
	    w->forgotten || w->in.windows.first == NULL ||
	    (chunk = window_take_chunk(w->in.windows.first)) == NULL)
		return;
	w->in.ahead -= chunk->lines.len;
	if (!walk_passes(w, chunk)) {
		chunk_free(chunk);
		return;
	}
	if (chunk->events > w->left)
		chunk_cut(chunk, w->left);
	w->left -= chunk->events;
	w->progress.events += chunk->events;
	counts_set(COUNT_EVENTS_FETCHED, (int64_t)w->progress.events);
	w->progress.pages++;
	w->progress.bytes += chunk->lines.len;
	w->progress.at = chunk->at;
	if (w->progress.begin == TIME_NONE)
		w->progress.begin = chunk->at;
	memcpy(w->last_id, chunk->last_id, sizeof w->last_id);
	output_put(&w->output, &chunk->lines);
	chunk_free(chunk);
}

/* Is everything before the end of the stream written? */
static bool
walk_is_at_tail(const struct walk *w)
{
	const struct window *first = w->in.windows.first;

	if (output_pending(&w->output) || w->left == 0)
		return false;
	return first == NULL || (windows_end_with(&w->in.windows, first) &&
				    first->first == NULL && !first->failed);
}

/* Replaces the file as a whole, by way of a new one of a name of its own. */
static void
walk_write_tail(const struct walk *w, const char *file)
{
	const char *after = w->in.terms->after ? w->in.terms->after : "";
	struct buf name = {0};
	int fd, n;

	buf_printf(&name, "%s.XXXXXX", file);
	fd = mkstemp((char *)buf_str(&name));
	if (fd == -1)
		log_errx(STATUS_FAILED, "%s: %s", file, strerror(errno));
	n = dprintf(fd, "%" PRId64 " %s\n", w->in.tail_at,
	    w->last_id[0] ? w->last_id : after);
	if (close(fd) == -1 || n < 0 || rename(name.p, file) == -1) {
		unlink(name.p);
		log_errx(STATUS_FAILED, "%s: %s", file, strerror(errno));
	}
	buf_free(&name);
}

/*
 * Tells when the end of the stream was seen, once everything before it is
 * written.
 */
static void
walk_note_tail(struct walk *w)
{
	if (!w->in.tail_seen || !walk_is_at_tail(w))
		return;
	w->in.tail_seen = false;
	w->forgotten = !w->passed;
	if (w->forgotten)
		return;
	report_tail(w->in.tail_at, w->progress.events);
	if (w->in.terms->tail_file != NULL)
		walk_write_tail(w, w->in.terms->tail_file);
}

/* Is there nothing left to write? */
static bool
walk_over(const struct walk *w)
{
	const struct window *first = w->in.windows.first;

	if (output_pending(&w->output))
		return false;
	if (w->left == 0 || w->in.nothing || w->forgotten || stop_wanted())
		return true;
	if (first == NULL)
		return w->in.windows.complete;
	return first->failed && first->first == NULL;
}

/*
 * Ignores what it reads: the end of it means that whoever holds the other end
 * is gone.
 */
static void
walk_stop_at_eof(const struct walk *w, const struct curl_waitfd *fd)
{
	char rubbish[512];

	if (w->in.terms->until_eof && fd->revents != 0 &&
	    read(STDIN_FILENO, rubbish, sizeof rubbish) <= 0)
		raise(SIGTERM);
}

/* Waits until there is something to do, or until then. */
static void
walk_wait(struct walk *w, int64_t until)
{
	struct curl_waitfd fds[3] = {{STDIN_FILENO, CURL_WAIT_POLLIN, 0}};
	unsigned n = w->in.terms->until_eof && !stop_wanted();

	if (client_done_request(w->in.client) != NULL)
		return;
	if (stream_running(&w->in) == 0)
		trace_idle(); /* it waits for nothing but time */
	if (output_pending(&w->output))
		fds[n++] =
		    (struct curl_waitfd){w->output.fd, CURL_WAIT_POLLOUT, 0};
	else if (w->in.windows.first == NULL ||
		 w->in.windows.first->first != NULL)
		return; /* there is a window to plan, or a page to hand out */
	if (!stop_wanted())
		fds[n++] = (struct curl_waitfd){w->wake, CURL_WAIT_POLLIN, 0};
	client_wait(w->in.client, fds, n, until);
	walk_stop_at_eof(w, fds);
}

static void
walk_init(struct walk *w, struct client *c, struct names *types,
    const struct terms *t, bool progress, struct filter *filter)
{
	*w = (struct walk){.left = t->max,
	    .passed = t->passes_at == TIME_NONE,
	    .progress = {.pace = {.shown = progress},
		.begin = t->since,
		.end = t->until,
		.at = t->since}};
	stream_init(&w->in, c, types, t);
	output_init(&w->output, STDOUT_FILENO, filter);
	w->wake = stop_init();
}

/* Says why the stream ends here, with the request that failed. */
static void
walk_say_failure(const struct window *win)
{
	log_field("request_id", win->request_id);
	if (win->http_status != 0)
		log_field_int("http_status", win->http_status);
	if (win->failed == STATUS_CURSOR)
		log_field("event_id", win->cursor);
	log_field_int("exit_status", win->failed);
	log_message(LEVEL_ERROR, "%s", win->why.p);
}

static void
walk_trace_end(const struct walk *w)
{
	struct span *s = trace_program();

	span_int(s, "wos.events", (int64_t)w->progress.events);
	span_int(s, "wos.pages", (int64_t)w->progress.pages);
	span_int(s, "wos.bytes_out", (int64_t)w->progress.bytes);
}

static void
walk_say_forgotten(const struct walk *w)
{
	log_field("event_id", w->in.terms->after);
	log_field_int("exit_status", STATUS_CURSOR);
	log_message(LEVEL_ERROR,
	    "%s: the API can't continue after this event: it does not list it "
	    "any more; start again from a time, with --since",
	    w->in.terms->after);
}

/* Reports the end, if the stream has got there and passed its event. */
static void
walk_complete(struct walk *w)
{
	if (w->in.windows.first != NULL && !w->in.nothing)
		return; /* it was stopped before */
	w->forgotten = !w->passed;
	if (!w->forgotten)
		report_end(w->progress.events);
}

static int
walk_end(struct walk *w)
{
	const struct window *first = w->in.windows.first;
	int status = STATUS_DONE;

	log_status("");
	walk_trace_end(w);
	if (w->left > 0 && !stop_wanted() && first != NULL && first->failed) {
		walk_say_failure(first);
		status = first->failed;
	} else if (w->left > 0) {
		walk_complete(w);
	}
	if (w->forgotten) {
		walk_say_forgotten(w);
		status = STATUS_CURSOR;
	}
	stream_release(&w->in);
	output_release(&w->output);
	if (stop_wanted() && w->in.terms->follow_ms == 0)
		stop_now(); /* there was more to come */
	return status;
}

/* Is there more to ask for? */
static bool
walk_goes_on(const struct walk *w)
{
	return w->left > 0 && !stop_wanted();
}

int
walk(struct client *c, struct names *types, const struct terms *t,
    bool progress, struct filter *filter)
{
	struct walk w;
	struct request *r;
	int64_t until;

	walk_init(&w, c, types, t, progress, filter);
	for (;;) {
		while ((r = client_done_request(c)) != NULL)
			stream_take(&w.in, r);
		windows_advance(&w.in.windows);
		walk_put(&w);
		windows_advance(&w.in.windows);
		until = walk_goes_on(&w) ? stream_ask(&w.in) : INT64_MAX;
		client_perform(c); /* asks before this page is written */
		output_write(&w.output);
		progress_show(&w.progress);
		walk_note_tail(&w);
		if (walk_over(&w))
			break;
		walk_wait(&w, until);
	}
	return walk_end(&w);
}
