/* SPDX-License-Identifier: MIT */
/*
 * What an answer means for the window that asked for it.
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "log.h"
#include "page.h"
#include "http/refusal.h"
#include "report.h"
#include "status.h"
#include "timestamp.h"

/* More than clocks differ that are set by the network. */
#define CLOCK_OFF_MS (600 * SECOND_MS)

/* Is the event one that was asked for?  One that can't be told is. */
static bool
walk_wants(
    const struct walk *w, const struct window *win, const struct event *e)
{
	char type[NAME_MOST + 1];

	if (e->at != TIME_NONE && win->start != TIME_NONE && e->at < win->start)
		return false;
	if (e->at != TIME_NONE && win->end != TIME_NONE && e->at >= win->end)
		return false;
	if (e->type.p == NULL)
		return true;
	return page_string(e->type, type, sizeof type) == -1 ||
	       events_want(w->events, type);
}

/* What is learnt on the way through a page. */
struct pass {
	struct measure measure;
	bool past; /* all events are past the window's end */
	char last_id[CURSOR_MAX + 1];
};

static void
pass_event(struct pass *pass, const struct window *win, const struct event *e)
{
	struct measure *m = &pass->measure;

	m->events++;
	if (e->at != TIME_NONE) {
		m->last = e->at;
		if (m->first == TIME_NONE)
			m->first = e->at;
	}
	if (e->at == TIME_NONE || e->at < win->end)
		pass->past = false;
	if (page_string(e->id, pass->last_id, sizeof pass->last_id) == -1)
		pass->last_id[0] = '\0';
}

static void
walk_add_chunk(struct walk *w, struct window *win, struct chunk *chunk)
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
	w->ahead += chunk->lines.len;
	window_add_chunk(win, chunk);
}

/* The page's lines become a chunk of the window. */
static void
walk_cut(struct walk *w, struct window *win, const struct page *page,
    struct pass *pass)
{
	struct chunk *chunk = calloc(1, sizeof *chunk);
	const char *next = NULL, *after = w->options->after;
	struct event e;

	if (chunk == NULL)
		log_err(STATUS_FAILED, "page");
	*pass =
	    (struct pass){.measure = {.first = TIME_NONE, .last = TIME_NONE},
		.past = win->end != TIME_NONE};
	while (page_event(page, &next, &e)) {
		pass_event(pass, win, &e);
		if (win->probe || !walk_wants(w, win, &e))
			continue;
		jsontext_compact(e.text, &chunk->lines);
		buf_putc(&chunk->lines, '\n');
		chunk->events++;
		chunk->at = e.at;
		memcpy(chunk->last_id, pass->last_id, sizeof chunk->last_id);
		if (after != NULL && strcmp(after, pass->last_id) == 0)
			chunk->passes = true;
	}
	walk_add_chunk(w, win, chunk);
}

/* Why the answer can't be used, with what it begins with. */
static void
add_bad_page(struct buf *out, const struct request *r, const char *why)
{
	char quote[LOG_QUOTE_SIZE];

	buf_printf(out, "%s; the answer begins: %s", why,
	    log_quote(quote, r->body.len ? r->body.p : "", r->body.len));
	if (r->id[0] != '\0')
		buf_printf(out, " (request %s)", r->id);
}

/*
 * What is no JSON came from a proxy on a bad day, or got lost on the way, and
 * another try may fare better.  JSON of another shape is what the API meant to
 * say, and is refused.  Returns false if the request is tried again.
 */
static bool
walk_bad_page(struct window *win, struct request *r, enum page_fault fault,
    const char *why)
{
	struct buf text = {0};

	span_fail(&r->span, "bad_page", "the answer is no page of events");
	add_bad_page(&text, r, why);
	if (fault != PAGE_WRONG)
		request_again(r, buf_str(&text),
		    fault == PAGE_CUT ? ANSWER_LATER : ANSWER_FAILED);
	else
		window_fail(
		    win, STATUS_FAILED, "%s: %s", r->place.p, buf_str(&text));
	buf_free(&text);
	return fault == PAGE_WRONG;
}

/* The cursor to go on with, which must not be one that was there before. */
static bool
window_goes_round(struct window *win, const char *after)
{
	return after[0] != '\0' &&
	       (strcmp(after, win->cursor) == 0 || window_been_at(win, after));
}

/*
 * When the end of the stream was seen: by our clock or by the API's, whichever
 * is earlier, so that neither can make the database look fresher than it is.
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
 * A range that begins in the future, or as long ago as our clock says that is,
 * would be empty, or too short, and look like all there is.
 */
static bool
walk_mistook_time(
    const struct walk *w, struct window *win, const struct request *r)
{
	const struct walk_options *o = w->options;
	int64_t since = o->since, latest = r->date + CLOCK_OFF_MS;
	char api[TIMESTAMP_SIZE], ours[TIMESTAMP_SIZE];

	if (r->date == TIME_NONE || since == TIME_NONE ||
	    (since <= latest && !(o->since_is_age && r->sent_at > latest)))
		return false;
	timestamp_format(r->date, api);
	timestamp_format(r->sent_at, ours);
	window_fail(win, STATUS_FAILED,
	    "%s: the API's clock says %s, this machine's %s: "
	    "%s",
	    r->place.p, api, ours,
	    since <= latest ? "an age can't be counted from that"
			    : "the range begins in the future");
	return true;
}

/*
 * The stream has come to its end for now.  Whoever follows it asks again for
 * what comes after the last event: at once if the page was full, else later.
 */
static void
walk_take_tail(struct walk *w, struct window *win, const struct request *r,
    const struct pass *pass)
{
	int64_t pause = w->options->follow_ms;

	win->finished = true;
	if (!plan_ends_with(&w->plan, win) || win->end != TIME_NONE)
		return;
	w->tail_seen = true;
	w->tail_at = seen_at(r);
	if (pause == 0 || time_ticks() - w->begun >= w->options->stay_ms)
		return;
	if (pass->measure.events > 0 && pass->last_id[0] == '\0') {
		window_fail(win, STATUS_FAILED,
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
 * A page was too large, and since then fewer events are asked for at once.
 * Twice as many are, once those that come say that they would fit.
 */
static void
walk_restore_limit(
    struct walk *w, const struct window *win, size_t events, size_t bytes)
{
	unsigned limit = 2 * win->limit;

	if (w->limit == w->options->page_size || win->limit < w->limit ||
	    events == 0 || bytes / events * limit > PAGE_MAX)
		return;
	w->limit =
	    limit < w->options->page_size ? limit : w->options->page_size;
}

/* Returns false if the request is tried again. */
static bool
walk_take_page(struct walk *w, struct window *win, struct request *r)
{
	enum page_fault fault;
	struct page page;
	struct pass pass;
	const char *why;

	if (walk_mistook_time(w, win, r))
		return true;
	fault = page_parse(&page, &r->body, &why);
	if (fault != PAGE_GOOD)
		return walk_bad_page(win, r, fault, why);
	if (page.n > win->limit)
		return walk_bad_page(
		    win, r, PAGE_WRONG, "more events than were asked for");
	if (page.n > 0 && window_goes_round(win, page.after))
		return walk_bad_page(
		    win, r, PAGE_WRONG, "the same cursor came again");
	if (r->body.len > w->page_bytes)
		w->page_bytes = r->body.len;
	walk_cut(w, win, &page, &pass);
	span_int(&r->span, "wos.events", (int64_t)page.n);
	pass.measure.over =
	    win->probe || page.n == 0 || pass.past || page.after[0] == '\0';
	plan_learn(&w->plan, win, &pass.measure);
	if (pass.measure.over) {
		walk_take_tail(w, win, r, &pass);
	} else {
		memcpy(win->cursor, page.after, sizeof win->cursor);
		win->own_cursor = false;
		win->due = DUE_NOW;
	}
	walk_restore_limit(w, win, page.n, r->body.len);
	return true;
}

/* The page is over PAGE_MAX: half as many events may fit, in all windows. */
static void
walk_take_large(struct walk *w, struct window *win, struct request *r)
{
	unsigned half = win->limit / 2;

	if (half == 0)
		window_fail(win, STATUS_FAILED,
		    "%s: an event is larger than %d MiB", r->place.p,
		    PAGE_MAX >> 20);
	else if (half < w->limit)
		w->limit = half;
}

/* Where it was to be expected, only those who want to know all hear of it. */
static void
say_left_out(const struct walk *w, const char *name)
{
	char quote[LOG_QUOTE_SIZE];
	bool expected = w->options->rare && events_are_rare(name);

	if (expected && !w->client->options->verbose)
		return;
	log_field("event_type", name);
	log_message(expected ? LEVEL_INFO : LEVEL_WARNING,
	    "%s: the API does not take this event type: left out",
	    log_quote(quote, name, strlen(name)));
}

/*
 * The API refuses a request for one name that it does not list.  Without the
 * name it can be asked again; another window may have found that out already.
 */
static bool
walk_drop_name(struct walk *w, struct window *win, struct request *r)
{
	char name[NAME_MOST + 1];

	if (!refusal_of_name(&r->body, name, sizeof name))
		return false;
	if (names_drop(w->events, name)) {
		report_refused(name);
		say_left_out(w, name);
	} else if (w->events->n == win->names) {
		return false;
	}
	if (w->events->n == 0 && w->options->optional)
		w->nothing = true;
	else if (w->events->n == 0)
		window_fail(
		    win, STATUS_FAILED, "no event type is left to ask for");
	return true;
}

/*
 * Does the API mind range_end beside a cursor?  It is only a help there, and
 * is left out from now on.
 */
static bool
walk_drop_end(struct walk *w, struct window *win, struct request *r)
{
	if (!win->with_end || !refusal_of_end(r->status, &r->body))
		return false;
	w->plain_cursor = true;
	return true;
}

static void
walk_take_refusal(struct walk *w, struct window *win, struct request *r)
{
	struct buf why = {0};

	if (walk_drop_name(w, win, r) || walk_drop_end(w, win, r))
		return;
	refusal_add(&why, r->status, &r->body);
	if (r->id[0] != '\0')
		buf_printf(&why, " (request %s)", r->id);
	if (win->own_cursor &&
	    refusal_of_cursor(r->status, &r->body, win->cursor)) {
		window_fail(win, STATUS_CURSOR,
		    "%s: the API can't continue after this event: %s; "
		    "start again from a time, with --since",
		    win->cursor, buf_str(&why));
	} else {
		window_fail(
		    win, STATUS_FAILED, "%s: %s", r->place.p, buf_str(&why));
	}
	buf_free(&why);
}

void
answer_take(struct walk *w, struct request *r)
{
	struct window *win = r->owner;
	const char *endpoint = r->place.p;

	w->plan.date = client_date(r->client);
	switch (r->answer) {
	case ANSWER_PAGE:
		if (!walk_take_page(w, win, r))
			return;
		break;
	case ANSWER_LARGE:
		walk_take_large(w, win, r);
		break;
	case ANSWER_REFUSED:
		walk_take_refusal(w, win, r);
		break;
	case ANSWER_STALLED:
		if (w->page_bytes < PAGE_MAX)
			w->page_bytes *= 2; /* it was larger than thought */
		break;
	case ANSWER_LATER:
	case ANSWER_FAILED:
		window_fail(win,
		    r->answer == ANSWER_LATER ? STATUS_RETRY : STATUS_FAILED,
		    "%s: %s", endpoint, buf_str(&r->why));
		break;
	}
	if (win->failed) {
		win->http_status = r->status;
		memcpy(win->request_id, r->id, sizeof win->request_id);
	}
	request_stop(r);
	win->request = NULL;
}
