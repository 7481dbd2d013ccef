/* SPDX-License-Identifier: MIT */
#ifndef WOS_WINDOWS_H
#define WOS_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "window.h"

/*
 * The list of windows, in the order of time.  With one connection each is the
 * longest range that the API takes.  With several each is to hold a few pages:
 * every page that arrives shows how dense the events are.
 */

/* "You can query for up to 30 days of events per request." */
#define RANGE_MAX_MS (30 * DAY_MS)

/*
 * The documentation does not say whether a range includes an event at
 * range_start itself ("created after this date").  So requests begin a moment
 * earlier, and events outside of the range are left out here.  The end needs no
 * such care: a range excludes it.
 */
#define START_MARGIN_MS 1

/*
 * Pages that a window should hold.  Each window costs about half a page, the
 * last one; a long window keeps the ones behind it waiting, in memory.
 */
#define WINDOW_PAGES 16

/*
 * The shortest window to plan, even if it holds thousands of events.  A window
 * that began inside of a burst would have to pass the burst once more.
 */
#define WINDOW_MIN_MS 1000

/*
 * The API may commit an event late.  A window without an end still finds it, so
 * the last window begins at least this long ago.
 */
#define TAIL_MS 600000

/*
 * Unix ms, in 2010: WorkOS has no older events, so a range that begins before
 * is one that begins then.
 */
#define FIRST_EVENT_MS INT64_C(1262304000000)

/* The most windows to plan ahead. */
#define WINDOWS_MAX 1000

struct windows {
	struct window *first, **last; /* in the order of time */
	size_t nwindows;
	int64_t next;  /* windows are planned up to here */
	int64_t until; /* or TIME_NONE: to the tail */
	int64_t date;  /* now, by the API's clock, or TIME_NONE */
	int64_t width; /* of the next window */
	bool complete; /* nothing follows the last window */
	unsigned jobs;
	unsigned limit; /* events to a page */
};

/* What a page tells about its window. */
struct measure {
	size_t events;
	int64_t first, last; /* times, or TIME_NONE */
	bool over;           /* it was the last one */
};

/* From `since` on, or from the cursor if there is one, or from the oldest. */
void windows_init(struct windows *ws, const char *after, int64_t since,
    int64_t until, unsigned jobs, unsigned limit);

/*
 * Asks first whether the API knows this event; nothing of that answer is
 * written.
 */
void windows_probe(struct windows *ws, const char *after);
void windows_release(struct windows *ws);

/* The first window that waits for a page to be asked for, or NULL. */
struct window *windows_pick(struct windows *ws);

/* Takes off the windows that are over. */
void windows_advance(struct windows *ws);

/* Is this the last window, with none to come? */
bool windows_end_with(const struct windows *ws, const struct window *win);

/* Learns from a page, and cuts its window if it holds too much. */
void windows_learn(
    struct windows *ws, struct window *win, const struct measure *m);

#endif
