/* SPDX-License-Identifier: MIT */
/* What an answer means for the window that asked. */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "catalogue.h"
#include "refusal.h"
#include "log.h"
#include "memory.h"
#include "report.h"
#include "status.h"
#include "stream.h"
#include "timestamp.h"
#include "types.h"

/* An event that the API lists late is less late than that. */
#define LATE_MS DAY_MS

/*
 * Was the event asked for?  An event whose type and time can't be read counts
 * as asked for.
 */
static bool
wants(const struct stream *s, const struct window *win, const struct event *e)
{
	char type[NAME_MOST + 1];

	if (e->at != TIME_NONE && win->start != TIME_NONE && e->at < win->start)
		return false;
	if (e->at != TIME_NONE && win->end != TIME_NONE && e->at >= win->end)
		return false;
	if (e->type.p == NULL)
		return true;
	return page_string(e->type, type, sizeof type) == -1 ||
	       types_want(s->types, type);
}

/* What the events of one page add up to. */
struct pass {
	const struct stream *stream;
	const struct window *window;
	struct chunk *chunk;
	struct measure measure;
	bool past; /* all events are past the window's end */
	char last_id[CURSOR_MAX + 1];
};

static void
pass_init(struct pass *pass, const struct stream *s, const struct window *win)
{
	*pass = (struct pass){.stream = s,
	    .window = win,
	    .chunk = memory_new(1, sizeof *pass->chunk),
	    .measure = {.first = TIME_NONE, .last = TIME_NONE},
	    .past = win->end != TIME_NONE};
}

static void
pass_measure(struct pass *pass, const struct event *e)
{
	struct measure *m = &pass->measure;

	m->events++;
	if (e->at != TIME_NONE) {
		m->last = e->at;
		if (m->first == TIME_NONE)
			m->first = e->at;
	}
	if (e->at == TIME_NONE || e->at < pass->window->end)
		pass->past = false;
	if (page_string(e->id, pass->last_id, sizeof pass->last_id) == -1)
		pass->last_id[0] = '\0';
}

/* Takes an event of the page: its line goes into the chunk if it is wanted. */
static bool
pass_event(void *arg, const struct event *e)
{
	struct pass *pass = arg;
	struct chunk *chunk = pass->chunk;
	const char *after = pass->stream->terms->after;

	pass_measure(pass, e);
	if (pass->window->probe || !wants(pass->stream, pass->window, e))
		return false;
	chunk->events++;
	chunk->at = e->at;
	memcpy(chunk->last_id, pass->last_id, sizeof chunk->last_id);
	if (after != NULL && strcmp(after, pass->last_id) == 0)
		chunk->passes = true;
	return true;
}

static void
add_chunk(struct stream *s, struct window *win, struct chunk *chunk)
{
	char *fit;

	if (chunk->events == 0) {
		chunk_free(chunk);
		return;
	}
	fit = realloc(chunk->lines.p, chunk->lines.len);
	if (fit != NULL) {
		chunk->lines.p = fit;
		chunk->lines.cap = chunk->lines.len;
	}
	s->ahead += chunk->lines.len;
	window_add_chunk(win, chunk);
}

/* Ends the reason in r->why with what the API calls the request. */
static void
add_id(struct request *r)
{
	if (r->id[0] != '\0')
		buf_printf(&r->why, " (request %s)", r->id);
}

/* The stream ends at this window, with what r->why and the answer say. */
static void
give_up(struct window *win, struct request *r)
{
	window_fail(win, r,
	    r->answer == ANSWER_LATER ? STATUS_RETRY : STATUS_FAILED, "%s: %s",
	    r->place.p, buf_str(&r->why));
}

/*
 * An answer that is no JSON comes from a failing proxy, or was damaged on its
 * way: another try may do better.  JSON of another shape is the API's own
 * answer, and is refused.  Returns true if the request is tried again.
 */
static bool
try_again(struct request *r, enum page_fault fault, const char *why)
{
	char quote[LOG_QUOTE_SIZE];

	span_fail(&r->span, "bad_page", "the answer is no page of events");
	buf_printf(&r->why, "%s; the answer begins: %s", why,
	    log_quote(quote, r->body.len ? r->body.p : "", r->body.len));
	add_id(r);
	if (fault != PAGE_WRONG)
		return request_again(
		    r, fault == PAGE_CUT ? ANSWER_LATER : ANSWER_FAILED);
	r->answer = ANSWER_FAILED;
	return false;
}

/* Does the page lead back to a cursor where this window has been? */
static bool
goes_round(struct window *win, const char *after)
{
	return after[0] != '\0' &&
	       (strcmp(after, win->cursor) == 0 || window_been_at(win, after));
}

/*
 * When the answer showed the end of the stream: by our clock or by the API's,
 * whichever is earlier, so that neither makes the database look fresher than it
 * is.
 */
static int64_t
seen_at(const struct request *r)
{
	int64_t at = r->sent_at;

	if (r->date != TIME_NONE && r->date < at)
		at = r->date;
	return at > 0 ? at : 0;
}

/*
 * An event of the future is no place to begin, not even with a margin: what has
 * happened is listed before it.  Returns true if the window is asked for again,
 * which it is once.
 */
static bool
begins_late(const struct stream *s, struct window *win, const struct request *r)
{
	if (win->start != s->terms->since)
		return false;
	win->start = r->date - s->terms->margin;
	return true;
}

/*
 * A range that begins in the future is empty, and an age counted from a clock
 * that is ahead makes a range that is too short.  Either would look complete.
 */
static bool
mistook_time(
    const struct stream *s, struct window *win, const struct request *r)
{
	const struct terms *t = s->terms;
	int64_t since = t->since, latest = r->date + CLOCKS_DIFFER_MS;
	char api[TIMESTAMP_SIZE], ours[TIMESTAMP_SIZE];

	if (r->date == TIME_NONE || since == TIME_NONE ||
	    (since <= latest && !(t->since_is_age && r->sent_at > latest)))
		return false;
	if (t->passes_at != TIME_NONE)
		return begins_late(s, win, r);
	timestamp_format(r->date, api);
	timestamp_format(r->sent_at, ours);
	window_fail(win, r, STATUS_FAILED,
	    "%s: the API's clock says %s, this machine's %s: "
	    "%s",
	    r->place.p, api, ours,
	    since <= latest ? "an age can't be counted from that"
			    : "the range begins in the future");
	return true;
}

/*
 * The stream is at its end for now.  With --follow the window asks again for
 * what comes after the last event: at once if the page was full, else later.
 */
static void
take_tail(struct stream *s, struct window *win, const struct request *r,
    const struct pass *pass)
{
	int64_t pause = s->terms->follow_ms;

	win->finished = true;
	if (!windows_end_with(&s->windows, win) || win->end != TIME_NONE)
		return;
	s->tail_seen = true;
	s->tail_at = seen_at(r);
	if (pause == 0 || time_ticks() - s->begun >= s->terms->stay_ms)
		return;
	if (pass->measure.events > 0 && pass->last_id[0] == '\0') {
		window_fail(win, r, STATUS_FAILED,
		    "%s: the last event has no id to go on from", r->place.p);
		return;
	}
	if (pass->measure.events > 0)
		memcpy(win->cursor, pass->last_id, sizeof win->cursor);
	win->own_cursor = true;
	win->finished = false;
	win->due =
	    pass->measure.events == win->limit ? DUE_NOW : time_ticks() + pause;
}

/*
 * After a page that was too large, requests ask for fewer events.  Doubles
 * their number when the size of the events shows that twice as many fit.
 */
static void
restore_limit(
    struct stream *s, const struct window *win, size_t events, size_t bytes)
{
	unsigned limit = 2 * win->limit;

	if (s->limit == s->terms->page_size || win->limit < s->limit ||
	    events == 0 || bytes / events * limit > PAGE_MAX)
		return;
	s->limit = limit < s->terms->page_size ? limit : s->terms->page_size;
}

/*
 * Takes a good page: queues its lines, and moves the window to the next page.
 */
static void
keep_page(struct stream *s, struct window *win, const struct request *r,
    const struct page *page, struct pass *pass)
{
	if (r->body.len > s->page_bytes)
		s->page_bytes = r->body.len;
	add_chunk(s, win, pass->chunk);
	pass->measure.over =
	    win->probe || page->n == 0 || pass->past || page->after[0] == '\0';
	windows_learn(&s->windows, win, &pass->measure);
	if (pass->measure.over) {
		take_tail(s, win, r, pass);
	} else {
		memcpy(win->cursor, page->after, sizeof win->cursor);
		win->own_cursor = false;
		win->due = DUE_NOW;
	}
	restore_limit(s, win, page->n, r->body.len);
}

/*
 * An API that does not know the cursor's event may begin with its oldest one
 * instead of saying so: the events that follow could be of another environment.
 */
static bool
begins_anew(const struct stream *s, struct window *win, const struct request *r,
    int64_t first)
{
	const struct terms *t = s->terms;
	const char *cursor = t->probe != NULL ? t->probe : t->after;
	int64_t at = t->cursor_at;
	char when[TIMESTAMP_SIZE];

	if (!win->own_cursor || cursor == NULL ||
	    strcmp(win->cursor, cursor) != 0 || at == TIME_NONE)
		return false;
	if (r->date != TIME_NONE && r->date < at)
		at = r->date; /* it is dated in the future */
	if (first == TIME_NONE || first >= at - LATE_MS)
		return false;
	timestamp_format(first, when);
	window_fail(win, r, STATUS_CURSOR,
	    "%s: the API can't continue after this event: it begins again with "
	    "one of %s; start again from a time, with --since",
	    cursor, when);
	return true;
}

/* Returns true if the request is tried again. */
static bool
take_page(struct stream *s, struct window *win, struct request *r)
{
	enum page_fault fault;
	struct pass pass;
	struct page page = {.take = pass_event, .arg = &pass};

	if (mistook_time(s, win, r))
		return false;
	pass_init(&pass, s, win);
	page.lines = &pass.chunk->lines;
	fault = page_read(&page, r->body.p, r->body.len);
	if (fault == PAGE_GOOD && page.n > win->limit) {
		page.why = "more events than were asked for";
		fault = PAGE_WRONG;
	} else if (fault == PAGE_GOOD && page.n > 0 &&
		   goes_round(win, page.after)) {
		page.why = "the same cursor came again";
		fault = PAGE_WRONG;
	}
	if (fault != PAGE_GOOD) {
		chunk_free(pass.chunk);
		return try_again(r, fault, page.why);
	}
	if (begins_anew(s, win, r, pass.measure.first)) {
		chunk_free(pass.chunk);
		return false;
	}
	span_int(&r->span, "wos.events", (int64_t)page.n);
	keep_page(s, win, r, &page, &pass);
	return false;
}

/* The page is over PAGE_MAX: asks for half as many events, in all windows. */
static void
take_large(struct stream *s, struct window *win, struct request *r)
{
	unsigned half = win->limit / 2;

	if (half == 0)
		window_fail(win, r, STATUS_FAILED,
		    "%s: an event is larger than %d MiB", r->place.p,
		    PAGE_MAX >> 20);
	else if (half < s->limit)
		s->limit = half;
}

/* Says that a type is left out; of a rare one only with -v. */
static void
tell_left_out(const struct stream *s, const char *name)
{
	char quote[LOG_QUOTE_SIZE];
	bool expected = s->terms->rare && types_rare(name);

	if (expected && !s->client->options->verbose)
		return;
	log_field("event_type", name);
	log_message(expected ? LEVEL_INFO : LEVEL_WARNING,
	    "%s: the API does not take this event type: left out%s",
	    log_quote(quote, name, strlen(name)),
	    catalogue_event_type(name) == NULL ? types_hint(name) : "");
}

/*
 * The API refuses a whole request for one name that it does not list.  Drops
 * the name, unless another window has done so already, and the window asks
 * again.
 */
static bool
drop_name(struct stream *s, struct window *win, struct request *r)
{
	char name[NAME_MOST + 1];

	if (!refusal_of_name(&r->body, name, sizeof name))
		return false;
	if (names_drop(s->types, name)) {
		report_refused(name);
		tell_left_out(s, name);
	} else if (s->types->n == win->names) {
		return false;
	}
	if (s->types->n == 0 && s->terms->optional)
		s->nothing = true;
	else if (s->types->n == 0)
		window_fail(win, r, STATUS_FAILED,
		    "%s: no event type is left to ask for: "
		    "the API takes none of them",
		    r->place.p);
	return true;
}

/*
 * If the API refuses range_end beside a cursor, later requests leave it out: it
 * only saves a page.
 */
static bool
drop_end(struct stream *s, struct window *win, struct request *r)
{
	if (!win->with_end || !refusal_of_end(r->status, &r->body))
		return false;
	s->plain_cursor = true;
	return true;
}

static void
take_refusal(struct stream *s, struct window *win, struct request *r)
{
	if (drop_name(s, win, r) || drop_end(s, win, r))
		return;
	refusal_add(&r->why, r->status, &r->body);
	add_id(r);
	if (win->own_cursor &&
	    refusal_of_cursor(r->status, &r->body, win->cursor))
		window_fail(win, r, STATUS_CURSOR,
		    "%s: the API can't continue after this event: %s; "
		    "start again from a time, with --since",
		    win->cursor, buf_str(&r->why));
	else
		give_up(win, r);
}

void
stream_take(struct stream *s, struct request *r)
{
	struct window *win = r->owner;

	s->windows.date = r->client->date;
	if (r->answer == ANSWER_PAGE && take_page(s, win, r))
		return;
	switch (r->answer) {
	case ANSWER_PAGE:
		break;
	case ANSWER_LARGE:
		take_large(s, win, r);
		break;
	case ANSWER_REFUSED:
		take_refusal(s, win, r);
		break;
	case ANSWER_STALLED:
		if (s->page_bytes < PAGE_MAX)
			s->page_bytes *= 2; /* it is larger than assumed */
		break;
	case ANSWER_LATER:
	case ANSWER_FAILED:
		give_up(win, r);
		break;
	}
	request_stop(r);
	win->request = NULL;
}
