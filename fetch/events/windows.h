/* SPDX-License-Identifier: MIT */
#ifndef WOS_WINDOWS_H
#define WOS_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

#include "window.h"

/*
 * Which windows there are.  With one connection they are the longest ranges
 * that the API takes, one after the other.  With several they are made so
 * that each holds a few pages, as far as that can be known: every page that
 * comes tells how dense the events lie.
 */

/* "You can query for up to 30 days of events per request." */
#define RANGE_MAX_MS (30 * DAY_MS)

/*
 * Whether the API counts an event at range_start itself is not documented
 * ("created after this date"), so it is asked for from a moment before, and
 * what is outside of the range is left out here.  The end needs no such care:
 * a range holds what comes before it.
 */
#define START_MARGIN_MS 1

/*
 * Pages that a window should hold.  Each window costs half a page that is not
 * full; long ones keep the others waiting, and what waits takes memory.
 */
#define WINDOW_PAGES 16

/*
 * The shortest window to plan, even if it holds thousands of events: what
 * begins behind a burst of them, in one millisecond, passes it once more.
 */
#define WINDOW_MIN_MS 1000

/*
 * Events that the API commits late can't be missed by a window that is open
 * at its end, so the last one begins at least this long ago.
 */
#define TAIL_MS 600000

/*
 * Unix ms, in 2010: WorkOS has no older events, so a range that begins before
 * is one that begins then.
 */
#define FIRST_EVENT_MS INT64_C(1262304000000)

/* More windows than that are not planned ahead. */
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
 * Before anything else, the API is asked whether it knows this event: what it
 * lists after it is not written.
 */
void windows_probe(struct windows *ws, const char *after);
void windows_release(struct windows *ws);

/* The first window that waits for a page to be asked for, or NULL. */
struct window *windows_pick(struct windows *ws);

/* Takes off the windows that are over. */
void windows_advance(struct windows *ws);

/* Is this the window with which the plan ends? */
bool windows_end_with(const struct windows *ws, const struct window *win);

/* Learns from a page, and cuts its window if it holds too much. */
void windows_learn(
    struct windows *ws, struct window *win, const struct measure *m);

#endif
