/* SPDX-License-Identifier: MIT */
/*
 * From a range or a cursor to lines on standard output.  The stream is a list
 * of windows in the order of time; the first is being written, and a failure
 * counts only when the stream has come to it, so that what was written is
 * always a beginning of the whole.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "counts.h"
#include "page.h"
#include "report.h"
#include "log.h"
#include "status.h"
#include "stop.h"
#include "trace/trace.h"
#include "walk.h"

/* Asking. */

static void
add_time(struct walk *w, struct buf *query, const char *name, int64_t ms)
{
	struct buf text = {0};

	time_add(&text, ms);
	client_add_parameter(w->client, query, name, buf_str(&text));
	buf_free(&text);
}

/*
 * `after` and `range_start` exclude each other.  Whether `after` goes with
 * `range_end` is not documented: it is sent, but not relied on.  An end that
 * is not needed, because it lies in the future, may make a range too long.
 */
static void
add_range(struct walk *w, struct window *win, struct buf *query)
{
	bool from_cursor = win->cursor[0] != '\0';

	win->with_end = false;
	if (from_cursor)
		client_add_parameter(w->client, query, "after", win->cursor);
	else if (win->start != TIME_NONE)
		add_time(w, query, "range_start", win->start - START_MARGIN_MS);
	if (win->end == TIME_NONE || (from_cursor && w->plain_cursor))
		return;
	if (win->start != TIME_NONE &&
	    win->end - win->start > RANGE_MAX_MS - START_MARGIN_MS)
		return;
	add_time(w, query, "range_end", win->end);
	win->with_end = from_cursor;
}

static void
walk_ask(struct walk *w, struct window *win, struct request *r)
{
	const struct walk_options *o = w->options;
	struct buf query = {0}, names = {0};
	char limit[16];

	win->limit = w->limit;
	names_join(w->events, &names);
	client_add_parameter(w->client, &query, "order", "asc");
	snprintf(limit, sizeof limit, "%u", win->limit);
	client_add_parameter(w->client, &query, "limit", limit);
	add_range(w, win, &query);
	if (o->organization != NULL)
		client_add_parameter(
		    w->client, &query, "organization_id", o->organization);
	/* The long one comes last, where a report of the request can end. */
	client_add_parameter(w->client, &query, "events", buf_str(&names));
	win->request = r;
	win->names = w->events->n;
	r->owner = win;
	r->ahead = win != w->plan.first;
	request_start(r, "/events", NULL, buf_str(&query));
	buf_free(&query);
	buf_free(&names);
}

static unsigned
walk_running(const struct walk *w)
{
	const struct window *win;
	unsigned n = 0;

	for (win = w->plan.first; win != NULL; win = win->next)
		n += win->request != NULL;
	return n;
}

/*
 * Is there room for a page of this window?  The one that is waited for always
 * has it, once its last page is being written; the others share what is left,
 * each with a page of the largest size that was seen.
 */
static bool
walk_has_room(const struct walk *w, const struct window *win)
{
	size_t pages = walk_running(w) + 1;

	if (win == w->plan.first && win->first == NULL)
		return true;
	return w->client->options->jobs > 1 &&
	       w->ahead + pages * w->page_bytes < AHEAD_MAX;
}

/*
 * Asks for as many pages as may be under way.  Returns when there will be
 * something to ask for, INT64_MAX if that depends on other things than time.
 */
static int64_t
walk_fill(struct walk *w)
{
	struct window *win;
	struct request *r;
	int64_t now, ready;

	while (w->left > 0 && !w->nothing && !stop_wanted() &&
	       (r = client_free_request(w->client)) != NULL &&
	       (win = plan_pick(&w->plan)) != NULL && walk_has_room(w, win)) {
		now = time_ticks();
		if (win->due > now)
			return win->due;
		ready = client_ready(w->client, now);
		if (ready > now)
			return ready;
		walk_ask(w, win, r);
	}
	return INT64_MAX;
}

/* What was fetched ahead is waited for as soon as the stream gets there. */
static void
walk_update_room(struct walk *w)
{
	struct window *first = w->plan.first;

	w->client->room = w->ahead < AHEAD_MAX ? AHEAD_MAX - w->ahead : 0;
	if (first != NULL && first->request != NULL)
		first->request->ahead = false;
}

/* Writing. */

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
 * A margin before the cursor's event: what comes after that event may only be
 * written if the event itself has come, or the API has forgotten it, and who
 * knows what else.
 */
static bool
walk_passes(struct walk *w, const struct chunk *chunk)
{
	if (chunk->passes)
		w->passed = true;
	else if (!w->passed && chunk->at != TIME_NONE &&
		 chunk->at > w->options->passes_at)
		w->forgotten = true;
	return !w->forgotten;
}

/* Hands the next page to the output, if that is done with the last one. */
static void
walk_put(struct walk *w)
{
	struct chunk *chunk;

	if (output_pending(&w->output) || w->left == 0 || stop_wanted() ||
	    w->forgotten || w->plan.first == NULL ||
	    (chunk = window_take_chunk(w->plan.first)) == NULL)
		return;
	w->ahead -= chunk->lines.len;
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

/* Is all that comes before the end of the stream written? */
static bool
walk_is_at_tail(const struct walk *w)
{
	const struct window *first = w->plan.first;

	if (output_pending(&w->output) || w->left == 0)
		return false;
	return first == NULL || (plan_ends_with(&w->plan, first) &&
				    first->first == NULL && !first->failed);
}

/* The file is there whole or not at all, and its new one is nobody else's. */
static void
walk_write_tail(const struct walk *w, const char *file)
{
	const char *after = w->options->after ? w->options->after : "";
	struct buf name = {0};
	int fd, n;

	buf_printf(&name, "%s.XXXXXX", file);
	fd = mkstemp((char *)buf_str(&name));
	if (fd == -1)
		log_errx(STATUS_FAILED, "%s: %s", file, strerror(errno));
	n = dprintf(fd, "%" PRId64 " %s\n", w->tail_at,
	    w->last_id[0] ? w->last_id : after);
	if (close(fd) == -1 || n < 0 || rename(name.p, file) == -1) {
		unlink(name.p);
		log_errx(STATUS_FAILED, "%s: %s", file, strerror(errno));
	}
	buf_free(&name);
}

/*
 * Tells when the end of the stream was seen, now that all that comes before it
 * is written.
 */
static void
walk_note_tail(struct walk *w)
{
	if (!w->tail_seen || !walk_is_at_tail(w))
		return;
	w->tail_seen = false;
	w->forgotten = !w->passed;
	if (w->forgotten)
		return;
	report_tail(w->tail_at, w->progress.events);
	if (w->options->tail_file != NULL)
		walk_write_tail(w, w->options->tail_file);
}

/* Is everything written that is going to be? */
static bool
walk_over(const struct walk *w)
{
	const struct window *first = w->plan.first;

	if (output_pending(&w->output))
		return false;
	if (w->left == 0 || w->nothing || w->forgotten || stop_wanted())
		return true;
	if (first == NULL)
		return w->plan.complete;
	return first->failed && first->first == NULL;
}

/* Nothing is read: its end says that whoever holds the other end is gone. */
static void
walk_stop_at_eof(const struct walk *w, const struct curl_waitfd *fd)
{
	char rubbish[512];

	if (w->options->until_eof && fd->revents != 0 &&
	    read(STDIN_FILENO, rubbish, sizeof rubbish) <= 0)
		raise(SIGTERM);
}

/* Waits until there is something to do, or until then. */
static void
walk_wait(struct walk *w, int64_t until)
{
	struct curl_waitfd fds[3] = {{STDIN_FILENO, CURL_WAIT_POLLIN, 0}};
	unsigned n = w->options->until_eof && !stop_wanted();

	if (client_done_request(w->client) != NULL)
		return;
	if (walk_running(w) == 0)
		trace_idle(); /* it is time alone that is waited for */
	if (output_pending(&w->output))
		fds[n++] =
		    (struct curl_waitfd){w->output.fd, CURL_WAIT_POLLOUT, 0};
	else if (w->plan.first == NULL || w->plan.first->first != NULL)
		return; /* there is a window to plan, or a page to hand out */
	if (!stop_wanted())
		fds[n++] = (struct curl_waitfd){w->wake, CURL_WAIT_POLLIN, 0};
	client_wait(w->client, fds, n, until);
	walk_stop_at_eof(w, fds);
}

static void
walk_init(struct walk *w, struct client *c, struct names *events,
    const struct walk_options *o)
{
	*w = (struct walk){.client = c,
	    .events = events,
	    .options = o,
	    .left = o->max,
	    .page_bytes = 65536,
	    .limit = o->page_size,
	    .passed = o->passes_at == TIME_NONE,
	    .begun = time_ticks(),
	    .progress = {.shown = o->progress,
		.begin = o->since,
		.end = o->until,
		.at = o->since}};
	plan_init(&w->plan, o->after, o->since, o->until, c->options->jobs,
	    o->page_size);
	if (o->probe != NULL)
		plan_probe(&w->plan, o->probe);
	output_init(&w->output, STDOUT_FILENO);
	w->wake = stop_init();
}

/* What the stream ended with, and what it was an answer to. */
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
	log_field("event_id", w->options->after);
	log_field_int("exit_status", STATUS_CURSOR);
	log_message(LEVEL_ERROR,
	    "%s: the API can't continue after this event: it does not list it "
	    "any more; start again from a time, with --since",
	    w->options->after);
}

/* All that was asked for is written, unless the stream was stopped before. */
static void
walk_complete(struct walk *w)
{
	if (w->plan.first != NULL && !w->nothing)
		return; /* it was stopped before */
	w->forgotten = !w->passed;
	if (!w->forgotten)
		report_end(w->progress.events);
}

static int
walk_end(struct walk *w)
{
	const struct window *first = w->plan.first;
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
	plan_release(&w->plan);
	output_release(&w->output);
	if (stop_wanted() && w->options->follow_ms == 0)
		stop_now(); /* there was more to come */
	return status;
}

int
walk(struct client *c, struct names *events, const struct walk_options *o)
{
	struct walk w;
	struct request *r;
	int64_t until;

	walk_init(&w, c, events, o);
	for (;;) {
		while ((r = client_done_request(c)) != NULL)
			answer_take(&w, r);
		plan_advance(&w.plan);
		walk_put(&w);
		plan_advance(&w.plan);
		until = walk_fill(&w);
		walk_update_room(&w);
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
