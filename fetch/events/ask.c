/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "clock.h"
#include "stream.h"
#include "timestamp.h"

static void
add_time(struct stream *s, struct buf *query, const char *name, int64_t ms)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(ms, text);
	client_add_parameter(s->client, query, name, text);
}

/*
 * `after` and `range_start` exclude each other.  The documentation does not say
 * whether `after` goes with `range_end`: requests have both, and nothing relies
 * on it.  An end in the future is left out where it makes the range too long.
 */
static void
add_range(struct stream *s, struct window *win, struct buf *query)
{
	bool from_cursor = win->cursor[0] != '\0';

	win->with_end = false;
	if (from_cursor)
		client_add_parameter(s->client, query, "after", win->cursor);
	else if (win->start != TIME_NONE)
		add_time(s, query, "range_start", win->start - START_MARGIN_MS);
	if (win->end == TIME_NONE || (from_cursor && s->plain_cursor))
		return;
	if (win->start != TIME_NONE &&
	    win->end - win->start > RANGE_MAX_MS - START_MARGIN_MS)
		return;
	add_time(s, query, "range_end", win->end);
	win->with_end = from_cursor;
}

static void
ask(struct stream *s, struct window *win, struct request *r)
{
	const struct terms *t = s->terms;
	struct buf query = {0}, names = {0};
	char limit[16];

	win->limit = s->limit;
	names_join(s->types, &names);
	client_add_parameter(s->client, &query, "order", "asc");
	snprintf(limit, sizeof limit, "%u", win->limit);
	client_add_parameter(s->client, &query, "limit", limit);
	add_range(s, win, &query);
	if (t->organization != NULL)
		client_add_parameter(
		    s->client, &query, "organization_id", t->organization);
	/* The long one comes last, where a report of the request can end. */
	client_add_parameter(s->client, &query, "events", buf_str(&names));
	win->request = r;
	win->names = s->types->n;
	r->owner = win;
	r->ahead = win != s->windows.first;
	request_start(r, "/events", NULL, buf_str(&query));
	buf_free(&query);
	buf_free(&names);
}

void
stream_init(struct stream *s, struct client *c, struct names *types,
    const struct terms *t)
{
	*s = (struct stream){.client = c,
	    .types = types,
	    .terms = t,
	    .page_bytes = 65536,
	    .limit = t->page_size,
	    .begun = time_ticks()};
	windows_init(&s->windows, t->after, t->since, t->until,
	    c->options->jobs, t->page_size);
	if (t->probe != NULL)
		windows_probe(&s->windows, t->probe);
}

void
stream_release(struct stream *s)
{
	windows_release(&s->windows);
}

unsigned
stream_running(const struct stream *s)
{
	const struct window *win;
	unsigned n = 0;

	for (win = s->windows.first; win != NULL; win = win->next)
		n += win->request != NULL;
	return n;
}

/*
 * Is there room for a page of this window?  The first window always has room,
 * once its last page is being written.  The others share what is left, and each
 * page counts as large as the largest so far.
 */
static bool
has_room(const struct stream *s, const struct window *win)
{
	size_t pages = stream_running(s) + 1;

	if (win == s->windows.first && win->first == NULL)
		return true;
	return s->client->options->jobs > 1 &&
	       s->ahead + pages * s->page_bytes < AHEAD_MAX;
}

/* Sends requests until one has to wait.  Returns as stream_ask. */
static int64_t
ask_all(struct stream *s)
{
	struct window *win;
	struct request *r;
	int64_t now, ready;

	while (!s->nothing && (r = client_free_request(s->client)) != NULL &&
	       (win = windows_pick(&s->windows)) != NULL && has_room(s, win)) {
		now = time_ticks();
		if (win->due > now)
			return win->due;
		ready = client_ready(s->client, now);
		if (ready > now)
			return ready;
		ask(s, win, r);
	}
	return INT64_MAX;
}

int64_t
stream_ask(struct stream *s)
{
	struct window *first = s->windows.first;
	int64_t until = ask_all(s);

	s->client->room = s->ahead < AHEAD_MAX ? AHEAD_MAX - s->ahead : 0;
	/* The stream has reached this request: nothing bounds it any more. */
	if (first != NULL && first->request != NULL)
		first->request->ahead = false;
	return until;
}
