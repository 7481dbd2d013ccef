/*
 * From a range or a cursor to lines on standard output.  The stream is a list
 * of windows in the order of time; the first is being written, and a failure
 * counts only when the stream has come to it, so that what was written is
 * always a beginning of the whole.
 */
#include <err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "refusal.h"
#include "say.h"
#include "status.h"
#include "walk.h"
#include "window.h"

/*
 * Whether the API counts an event at range_start itself is not documented
 * ("created after this date"), so it is asked for from a moment before, and
 * what is outside the window is left out here.  The end needs no such care:
 * what it holds is what comes before it.
 */
#define START_MARGIN_MS 1

struct walk {
	struct client *client;
	struct events *events;
	const struct walk_options *options;
	struct window *first, **last; /* in the order of time */
	int64_t planned;              /* windows are planned up to here */
	bool planned_all;
	struct output output;
	uint64_t left;     /* events that may still be written */
	bool plain_cursor; /* the API takes no range_end with a cursor */
};

/* Planning: what windows there are. */

static struct window *
walk_add_window(struct walk *w, int64_t start, int64_t end)
{
	struct window *win = window_new(start, end, w->options->page_size);

	*w->last = win;
	w->last = &win->next;
	return win;
}

/* A cursor, or no beginning at all: there is nothing to cut. */
static void
walk_plan_one(struct walk *w)
{
	const struct walk_options *o = w->options;
	struct window *win = walk_add_window(w, TIME_NONE, o->until);

	if (o->after != NULL) {
		memcpy(win->cursor, o->after, strlen(o->after) + 1);
		win->own_cursor = true;
	}
	w->planned_all = true;
}

/*
 * The next slice of a range that may be longer than the API takes.  The last
 * one is open-ended unless an end was asked for: what happens during the run
 * belongs to it.
 */
static void
walk_plan_slice(struct walk *w)
{
	int64_t until = w->options->until, start = w->planned;
	int64_t end = start - START_MARGIN_MS + RANGE_MAX_MS;

	w->planned_all =
	    end >= time_now() || (until != TIME_NONE && end >= until);
	if (w->planned_all)
		end = until;
	walk_add_window(w, start, end);
	w->planned = end;
}

static void
walk_plan(struct walk *w)
{
	if (w->planned_all)
		return;
	if (w->options->since == TIME_NONE)
		walk_plan_one(w);
	else
		walk_plan_slice(w);
}

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
 * `range_end` is not documented: it is sent, but not relied on.
 */
static void
walk_ask(struct walk *w, struct window *win, struct request *r)
{
	const struct walk_options *o = w->options;
	struct buf query = {0}, names = {0};
	char limit[16];

	events_join(w->events, &names);
	client_add_parameter(w->client, &query, "events", buf_str(&names));
	client_add_parameter(w->client, &query, "order", "asc");
	snprintf(limit, sizeof limit, "%u", win->limit);
	client_add_parameter(w->client, &query, "limit", limit);
	if (win->cursor[0] != '\0')
		client_add_parameter(w->client, &query, "after", win->cursor);
	else if (win->start != TIME_NONE)
		add_time(
		    w, &query, "range_start", win->start - START_MARGIN_MS);
	if (win->end != TIME_NONE &&
	    (win->cursor[0] == '\0' || !w->plain_cursor))
		add_time(w, &query, "range_end", win->end);
	if (o->organization != NULL)
		client_add_parameter(
		    w->client, &query, "organization_id", o->organization);
	win->request = r;
	win->names = w->events->n;
	r->owner = win;
	request_start(r, buf_str(&query), win->due);
	buf_free(&query);
	buf_free(&names);
}

/* Asks for what comes next, as long as nothing waits to be written. */
static void
walk_fill(struct walk *w)
{
	struct window *win;
	struct request *r;

	if (w->left == 0)
		return;
	for (win = w->first; win != NULL; win = win->next) {
		if (win->first != NULL || win->failed)
			return;
		if (!win->finished)
			break;
	}
	if (win == NULL) {
		if (w->planned_all)
			return;
		walk_plan(w);
		walk_fill(w);
		return;
	}
	if (win->request == NULL &&
	    (r = client_free_request(w->client)) != NULL)
		walk_ask(w, win, r);
}

/* Taking what has come. */

/* Is the event one that was asked for?  One that can't be told is. */
static bool
walk_wants(
    const struct walk *w, const struct window *win, const struct event *e)
{
	char type[EVENT_NAME_MAX + 1];

	if (e->at != TIME_NONE && win->start != TIME_NONE && e->at < win->start)
		return false;
	if (e->at != TIME_NONE && win->end != TIME_NONE && e->at >= win->end)
		return false;
	if (e->type.p == NULL)
		return true;
	return page_string(e->type, type, sizeof type) == -1 ||
	       events_want(w->events, type);
}

/*
 * The page's lines become a chunk of the window.  *past is whether all of its
 * events are past the window's end.
 */
static void
walk_cut(struct walk *w, struct window *win, const struct page *page,
    char *last_id, bool *past)
{
	struct chunk *chunk = calloc(1, sizeof *chunk);
	const char *next = NULL;
	struct event e;

	if (chunk == NULL)
		err(STATUS_FAILED, "page");
	*past = win->end != TIME_NONE;
	while (page_event(page, &next, &e)) {
		if (e.at == TIME_NONE || e.at < win->end)
			*past = false;
		if (page_string(e.id, last_id, CURSOR_MAX + 1) == -1)
			last_id[0] = '\0';
		if (!walk_wants(w, win, &e))
			continue;
		jsontext_compact(e.text, &chunk->lines);
		buf_putc(&chunk->lines, '\n');
		chunk->events++;
		memcpy(chunk->last_id, last_id, sizeof chunk->last_id);
	}
	if (chunk->events > 0)
		window_add_chunk(win, chunk);
	else
		chunk_free(chunk);
}

/* Why the answer can't be used, with what it begins with. */
static void
add_bad_page(struct buf *out, const struct request *r, const char *why)
{
	char quote[SAY_QUOTE_SIZE];

	buf_printf(out, "%s; the answer begins: %s", why,
	    say_quote(quote, r->body.len ? r->body.p : "", r->body.len));
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

	add_bad_page(&text, r, why);
	if (fault != PAGE_WRONG)
		request_again(r, buf_str(&text),
		    fault == PAGE_CUT ? ANSWER_LATER : ANSWER_FAILED);
	else
		window_fail(win, STATUS_FAILED, "%s: %s", r->client->endpoint.p,
		    buf_str(&text));
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

/* Returns false if the request is tried again. */
static bool
walk_take_page(struct walk *w, struct window *win, struct request *r)
{
	char last_id[CURSOR_MAX + 1] = "";
	enum page_fault fault;
	struct page page;
	const char *why;
	bool past;

	fault = page_parse(&page, &r->body, &why);
	if (fault != PAGE_GOOD)
		return walk_bad_page(win, r, fault, why);
	if (page.n > win->limit)
		return walk_bad_page(
		    win, r, PAGE_WRONG, "more events than were asked for");
	if (window_goes_round(win, page.after))
		return walk_bad_page(
		    win, r, PAGE_WRONG, "the same cursor came again");
	walk_cut(w, win, &page, last_id, &past);
	win->finished = page.n == 0 || past || page.after[0] == '\0';
	if (!win->finished) {
		memcpy(win->cursor, page.after, sizeof win->cursor);
		win->own_cursor = false;
	}
	if (win->limit < w->options->page_size)
		win->limit *= 2;
	if (win->limit > w->options->page_size)
		win->limit = w->options->page_size;
	return true;
}

/* The page is over PAGE_MAX: half as many events may fit. */
static void
walk_take_large(struct window *win, struct request *r)
{
	win->limit /= 2;
	if (win->limit == 0)
		window_fail(win, STATUS_FAILED,
		    "%s: an event is larger than %d MiB", r->client->endpoint.p,
		    PAGE_MAX >> 20);
}

/*
 * The API refuses a request for one name that it does not list.  Without the
 * name it can be asked again; another window may have found that out already.
 */
static bool
walk_drop_name(struct walk *w, struct window *win, struct request *r)
{
	char name[EVENT_NAME_MAX + 1], quote[SAY_QUOTE_SIZE];

	if (!refusal_of_name(&r->body, name, sizeof name))
		return false;
	if (events_drop(w->events, name))
		say("%s: the API does not take this event type: left out",
		    say_quote(quote, name, strlen(name)));
	else if (w->events->n == win->names)
		return false;
	if (w->events->n == 0)
		window_fail(
		    win, STATUS_FAILED, "no event type is left to ask for");
	return true;
}

/* Does the API mind range_end beside a cursor?  It is only a help there. */
static bool
walk_drop_end(struct walk *w, struct window *win, struct request *r)
{
	if (win->cursor[0] == '\0' || win->end == TIME_NONE ||
	    w->plain_cursor || !refusal_of_end(r->status, &r->body))
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
		window_fail(win, STATUS_FAILED, "%s: %s", r->client->endpoint.p,
		    buf_str(&why));
	}
	buf_free(&why);
}

static void
walk_take_answer(struct walk *w, struct request *r)
{
	struct window *win = r->owner;
	const char *endpoint = r->client->endpoint.p;

	switch (r->answer) {
	case ANSWER_PAGE:
		if (!walk_take_page(w, win, r))
			return;
		break;
	case ANSWER_LARGE:
		walk_take_large(win, r);
		break;
	case ANSWER_REFUSED:
		walk_take_refusal(w, win, r);
		break;
	case ANSWER_LATER:
		window_fail(win, STATUS_RETRY, "%s: %s: given up after %u %s",
		    endpoint, buf_str(&r->why), r->tries,
		    r->tries == 1 ? "try" : "tries");
		break;
	case ANSWER_FAILED:
		window_fail(
		    win, STATUS_FAILED, "%s: %s", endpoint, buf_str(&r->why));
		break;
	}
	request_stop(r);
	win->request = NULL;
}

/* Writing. */

/* Leaves no more than the first n lines. */
static void
chunk_cut(struct chunk *chunk, uint64_t n)
{
	const char *p = chunk->lines.p;

	for (uint64_t i = 0; i < n; i++)
		p = (const char *)rawmemchr(p, '\n') + 1;
	chunk->lines.len = (size_t)(p - chunk->lines.p);
	chunk->events = (size_t)n;
}

/* Leaves the windows that are over. */
static void
walk_advance(struct walk *w)
{
	struct window *win;

	while ((win = w->first) != NULL && win->finished &&
	       win->first == NULL && !win->failed) {
		w->first = win->next;
		if (w->first == NULL)
			w->last = &w->first;
		window_free(win);
	}
}

/* Hands the next page to the output, if that is done with the last one. */
static void
walk_put(struct walk *w)
{
	struct chunk *chunk;

	if (output_pending(&w->output) || w->left == 0 || w->first == NULL ||
	    (chunk = window_take_chunk(w->first)) == NULL)
		return;
	if (chunk->events > w->left)
		chunk_cut(chunk, w->left);
	w->left -= chunk->events;
	output_put(&w->output, &chunk->lines);
	chunk_free(chunk);
	walk_advance(w);
}

/* Is everything written that is going to be? */
static bool
walk_over(const struct walk *w)
{
	if (output_pending(&w->output))
		return false;
	if (w->left == 0 || (w->first == NULL && w->planned_all))
		return true;
	return w->first != NULL && w->first->failed && w->first->first == NULL;
}

/* Waits until there is something to do. */
static void
walk_wait(struct walk *w)
{
	struct curl_waitfd fd = {w->output.fd, CURL_WAIT_POLLOUT, 0};
	bool pending = output_pending(&w->output);

	if (client_done_request(w->client) != NULL)
		return;
	if (!pending && w->first != NULL && w->first->first != NULL)
		return; /* there is a page to hand out */
	client_wait(w->client, &fd, pending ? 1 : 0, INT64_MAX);
}

int
walk(struct client *c, struct events *events, const struct walk_options *o)
{
	struct walk w = {.client = c,
	    .events = events,
	    .options = o,
	    .planned = o->since,
	    .left = o->max};
	struct window *win;
	struct request *r;
	int status = STATUS_DONE;

	w.last = &w.first;
	output_init(&w.output, STDOUT_FILENO);
	for (;;) {
		while ((r = client_done_request(c)) != NULL)
			walk_take_answer(&w, r);
		walk_advance(&w);
		walk_put(&w);
		walk_fill(&w);
		client_perform(c); /* asks before this page is written */
		output_write(&w.output);
		if (walk_over(&w))
			break;
		walk_wait(&w);
	}
	if (w.left > 0 && w.first != NULL && w.first->failed) {
		say("%s", w.first->why.p);
		status = w.first->failed;
	}
	while ((win = w.first) != NULL) {
		w.first = win->next;
		window_free(win);
	}
	output_release(&w.output);
	return status;
}
