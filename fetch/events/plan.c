/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plan.h"
#include "range.h"

/*
 * What is asked for is a moment more than a window, and the API takes no longer
 * range than that.
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
 * Now, for the sake of where the stream ends.  The API's clock counts, once it
 * is known; one of ours that nobody has set yet would end it too early.
 */
static int64_t
plan_now(const struct plan *p)
{
	int64_t now = time_now();

	if (p->date != TIME_NONE)
		return p->date;
	return now > FIRST_EVENT_MS && now < NOW_MAX_MS ? now : NOW_MAX_MS;
}

/* Where the first window begins: not where there can be no events. */
static int64_t
plan_start(int64_t since, int64_t until)
{
	int64_t first = FIRST_EVENT_MS;

	if (until != TIME_NONE && until <= first)
		first = until - 1;
	return since > first ? since : first;
}

/* Adds a window behind the one that `place` points to. */
static struct window *
plan_insert(struct plan *p, struct window **place, int64_t start, int64_t end)
{
	struct window *win = window_new(start, end, p->limit);

	win->next = *place;
	*place = win;
	if (p->last == place)
		p->last = &win->next;
	p->nwindows++;
	return win;
}

void
plan_init(struct plan *p, const char *after, int64_t since, int64_t until,
    unsigned jobs, unsigned limit)
{
	struct window *win;
	int64_t end;

	*p = (struct plan){.next = since,
	    .until = until,
	    .date = TIME_NONE,
	    .jobs = jobs,
	    .limit = limit};
	p->last = &p->first;
	p->width = WIDTH_MAX;
	if (since == TIME_NONE) {
		/* Where the events begin is not known before the first page. */
		win = plan_insert(p, p->last, TIME_NONE, until);
		p->complete = true;
		if (after != NULL) {
			memcpy(win->cursor, after, strlen(after) + 1);
			win->own_cursor = true;
		}
		return;
	}
	p->next = plan_start(since, until);
	if (jobs > 1) {
		end = until == TIME_NONE ? plan_now(p) : until;
		p->width = clamp((double)(end - p->next) / (2.0 * jobs),
		    WINDOW_MIN_MS, WIDTH_MAX);
	}
}

void
plan_probe(struct plan *p, const char *after)
{
	struct window *win = plan_insert(p, &p->first, TIME_NONE, TIME_NONE);

	memcpy(win->cursor, after, strlen(after) + 1);
	win->own_cursor = win->probe = true;
	win->limit = 1;
}

void
plan_release(struct plan *p)
{
	struct window *win;

	while ((win = p->first) != NULL) {
		p->first = win->next;
		window_free(win);
	}
}

/*
 * The last window is open-ended unless an end was asked for: what happens
 * during the run belongs to it.
 */
static void
plan_more(struct plan *p)
{
	int64_t start = p->next, end = start + p->width;
	int64_t now = plan_now(p);

	if (p->until == TIME_NONE || p->until > now)
		p->complete = end >= now - TAIL_MS;
	else
		p->complete = end >= p->until;
	if (p->complete)
		end = p->until;
	plan_insert(p, p->last, start, end);
	p->next = end;
}

struct window *
plan_pick(struct plan *p)
{
	struct window *win;

	for (win = p->first; win != NULL; win = win->next) {
		if (win->failed)
			return NULL; /* the stream ends there */
		if (!win->finished && win->request == NULL)
			return win;
	}
	if (p->complete || p->nwindows >= WINDOWS_MAX)
		return NULL;
	plan_more(p);
	return plan_pick(p);
}

void
plan_advance(struct plan *p)
{
	struct window *win;

	while ((win = p->first) != NULL && win->finished &&
	       win->first == NULL && !win->failed) {
		p->first = win->next;
		if (p->first == NULL)
			p->last = &p->first;
		p->nwindows--;
		window_free(win);
	}
}

bool
plan_ends_with(const struct plan *p, const struct window *win)
{
	return p->complete && win->next == NULL;
}

/* A window is over: the next one is as wide as this one should have been. */
static void
plan_adapt(struct plan *p, const struct window *win)
{
	double wanted = WINDOW_PAGES * (double)p->limit;
	double factor = wanted / (double)(win->events ? win->events : 1);

	if (win->start == TIME_NONE || win->end == TIME_NONE)
		return;
	factor = factor > 4 ? 4 : factor; /* emptiness may end soon */
	p->width = clamp(
	    (double)(win->end - win->start) * factor, WINDOW_MIN_MS, WIDTH_MAX);
}

/* Connections that no window is there for, and none will be. */
static unsigned
plan_idle(const struct plan *p)
{
	const struct window *win;
	unsigned busy = 0;

	for (win = p->first; win != NULL && busy < p->jobs; win = win->next)
		busy += !win->finished;
	return p->complete ? p->jobs - busy : 0;
}

/* Into how many pieces should what remains of a window be cut? */
static unsigned
plan_pieces(const struct plan *p, double pages)
{
	unsigned idle = plan_idle(p);

	if (pages > 2 * WINDOW_PAGES)
		return (unsigned)clamp(pages / WINDOW_PAGES, 2, 1 << 20);
	/* Towards the end, idle connections take a share of what is left. */
	if (idle > 0 && pages >= 2)
		return (unsigned)clamp(pages, 2, idle + 1);
	return 1;
}

/*
 * The window ends `step` after the page's last event, what comes after that
 * is a window of its own, and so on.
 */
static void
plan_cut(
    struct plan *p, struct window *win, int64_t cut, int64_t step, unsigned n)
{
	int64_t end = win->end;

	win->end = cut;
	if (win->next == NULL) {
		/* Nothing follows yet, so it can go back to be planned. */
		p->next = cut;
		p->complete = false;
		p->width = clamp((double)step, WINDOW_MIN_MS, WIDTH_MAX);
		return;
	}
	for (;
	     n > 1 && cut + step + step / 2 < end && p->nwindows < WINDOWS_MAX;
	     n--) {
		win = plan_insert(p, &win->next, cut, cut + step);
		cut += step;
	}
	plan_insert(p, &win->next, cut, end);
}

void
plan_learn(struct plan *p, struct window *win, const struct measure *m)
{
	int64_t end = win->end, now = plan_now(p), cut, step;
	double density, pages;
	unsigned n;

	win->events += m->events;
	if (p->jobs == 1)
		return;
	if (m->over) {
		plan_adapt(p, win);
		return;
	}
	if (end == TIME_NONE || end > now)
		end = now - TAIL_MS;
	if (m->first == TIME_NONE || m->last >= end)
		return;
	density = (double)m->events / (double)(m->last - m->first + 1);
	pages = (double)(end - m->last) * density / p->limit;
	n = plan_pieces(p, pages);
	if (n < 2)
		return;
	step = clamp((double)(end - m->last) / n, WINDOW_MIN_MS, WIDTH_MAX);
	cut = m->last + step;
	if (cut > m->last && cut < end)
		plan_cut(p, win, cut, step, n < p->jobs ? n : p->jobs);
}
