/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "windows.h"
#include "clock.h"

/*
 * A request asks for a moment more than the window, and the API takes no longer
 * range than RANGE_MAX_MS.
 */
#define WIDTH_MAX (RANGE_MAX_MS - START_MARGIN_MS)

/* Unix ms, in 2100: a clock that is past that is wrong. */
#define NOW_MAX_MS INT64_C(4102444800000)

static int64_t
clamp(double value, int64_t least, int64_t most)
{
	if (value >= (double)most)
		return most;
	return value <= (double)least ? least : (int64_t)value;
}

/*
 * The time at which the stream ends for now: by the API's clock as soon as an
 * answer has told it.  A local clock that nobody has set yet would end the
 * stream too early.
 */
static int64_t
windows_now(const struct windows *ws)
{
	int64_t now = time_now();

	if (ws->date != TIME_NONE)
		return ws->date;
	return now > FIRST_EVENT_MS && now < NOW_MAX_MS ? now : NOW_MAX_MS;
}

/* Where the first window begins: there are no events before FIRST_EVENT_MS. */
static int64_t
windows_start(int64_t since, int64_t until)
{
	int64_t first = FIRST_EVENT_MS;

	if (until != TIME_NONE && until <= first)
		first = until - 1;
	return since > first ? since : first;
}

/* Adds a window behind the one that `place` points to. */
static struct window *
windows_insert(
    struct windows *ws, struct window **place, int64_t start, int64_t end)
{
	struct window *win = window_new(start, end, ws->limit);

	win->next = *place;
	*place = win;
	if (ws->last == place)
		ws->last = &win->next;
	ws->nwindows++;
	return win;
}

void
windows_init(struct windows *ws, const char *after, int64_t since,
    int64_t until, unsigned jobs, unsigned limit)
{
	struct window *win;
	int64_t end;

	*ws = (struct windows){.next = since,
	    .until = until,
	    .date = TIME_NONE,
	    .jobs = jobs,
	    .limit = limit};
	ws->last = &ws->first;
	ws->width = WIDTH_MAX;
	if (since == TIME_NONE) {
		/* Where the events begin is not known before the first page. */
		win = windows_insert(ws, ws->last, TIME_NONE, until);
		ws->complete = true;
		if (after != NULL) {
			memcpy(win->cursor, after, strlen(after) + 1);
			win->own_cursor = true;
		}
		return;
	}
	ws->next = windows_start(since, until);
	if (jobs > 1) {
		end = until == TIME_NONE ? windows_now(ws) : until;
		ws->width = clamp((double)(end - ws->next) / (2.0 * jobs),
		    WINDOW_MIN_MS, WIDTH_MAX);
	}
}

void
windows_probe(struct windows *ws, const char *after)
{
	struct window *win =
	    windows_insert(ws, &ws->first, TIME_NONE, TIME_NONE);

	memcpy(win->cursor, after, strlen(after) + 1);
	win->own_cursor = win->probe = true;
	win->limit = 1;
}

void
windows_release(struct windows *ws)
{
	struct window *win;

	while ((win = ws->first) != NULL) {
		ws->first = win->next;
		window_free(win);
	}
}

/*
 * The last window has no end unless the caller gave one, so that it takes in
 * what happens during the run.
 */
static void
windows_more(struct windows *ws)
{
	int64_t start = ws->next, end = start + ws->width;
	int64_t now = windows_now(ws);

	if (ws->until == TIME_NONE || ws->until > now)
		ws->complete = end >= now - TAIL_MS;
	else
		ws->complete = end >= ws->until;
	if (ws->complete)
		end = ws->until;
	windows_insert(ws, ws->last, start, end);
	ws->next = end;
}

struct window *
windows_pick(struct windows *ws)
{
	struct window *win;

	for (win = ws->first; win != NULL; win = win->next) {
		if (win->failed)
			return NULL; /* the stream ends there */
		if (!win->finished && win->request == NULL)
			return win;
	}
	if (ws->complete || ws->nwindows >= WINDOWS_MAX)
		return NULL;
	windows_more(ws);
	return windows_pick(ws);
}

void
windows_advance(struct windows *ws)
{
	struct window *win;

	while ((win = ws->first) != NULL && win->finished &&
	       win->first == NULL && !win->failed) {
		ws->first = win->next;
		if (ws->first == NULL)
			ws->last = &ws->first;
		ws->nwindows--;
		window_free(win);
	}
}

bool
windows_end_with(const struct windows *ws, const struct window *win)
{
	return ws->complete && win->next == NULL;
}

/* A window is over: the next one is as wide as this one should have been. */
static void
windows_adapt(struct windows *ws, const struct window *win)
{
	double wanted = WINDOW_PAGES * (double)ws->limit;
	double factor = wanted / (double)(win->events ? win->events : 1);

	if (win->start == TIME_NONE || win->end == TIME_NONE)
		return;
	factor = factor > 4 ? 4 : factor; /* emptiness may end soon */
	ws->width = clamp(
	    (double)(win->end - win->start) * factor, WINDOW_MIN_MS, WIDTH_MAX);
}

/* Counts the connections that have no window and will not get one. */
static unsigned
windows_idle(const struct windows *ws)
{
	const struct window *win;
	unsigned busy = 0;

	for (win = ws->first; win != NULL && busy < ws->jobs; win = win->next)
		busy += !win->finished;
	return ws->complete ? ws->jobs - busy : 0;
}

/* Into how many pieces should what remains of a window be cut? */
static unsigned
windows_pieces(const struct windows *ws, double pages)
{
	unsigned idle = windows_idle(ws);

	if (pages > 2 * WINDOW_PAGES)
		return (unsigned)clamp(pages / WINDOW_PAGES, 2, 1 << 20);
	/* Towards the end, idle connections take a share of what is left. */
	if (idle > 0 && pages >= 2)
		return (unsigned)clamp(pages, 2, idle + 1);
	return 1;
}

/*
 * Ends the window at `cut` and makes windows of `step` ms each of what is left.
 */
static void
windows_cut(struct windows *ws, struct window *win, int64_t cut, int64_t step,
    unsigned n)
{
	int64_t end = win->end;

	win->end = cut;
	if (win->next == NULL) {
		/* This was the last window: what is left is planned anew. */
		ws->next = cut;
		ws->complete = false;
		ws->width = clamp((double)step, WINDOW_MIN_MS, WIDTH_MAX);
		return;
	}
	for (;
	     n > 1 && cut + step + step / 2 < end && ws->nwindows < WINDOWS_MAX;
	     n--) {
		win = windows_insert(ws, &win->next, cut, cut + step);
		cut += step;
	}
	windows_insert(ws, &win->next, cut, end);
}

void
windows_learn(struct windows *ws, struct window *win, const struct measure *m)
{
	int64_t end = win->end, now = windows_now(ws), cut, step;
	double density, pages;
	unsigned n;

	win->events += m->events;
	if (ws->jobs == 1)
		return;
	if (m->over) {
		windows_adapt(ws, win);
		return;
	}
	if (end == TIME_NONE || end > now)
		end = now - TAIL_MS;
	if (m->first == TIME_NONE || m->last >= end)
		return;
	density = (double)m->events / (double)(m->last - m->first + 1);
	pages = (double)(end - m->last) * density / ws->limit;
	n = windows_pieces(ws, pages);
	if (n < 2)
		return;
	step = clamp((double)(end - m->last) / n, WINDOW_MIN_MS, WIDTH_MAX);
	cut = m->last + step;
	if (cut > m->last && cut < end)
		windows_cut(ws, win, cut, step, n < ws->jobs ? n : ws->jobs);
}
