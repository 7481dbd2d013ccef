/* SPDX-License-Identifier: MIT */
#ifndef WOS_WINDOW_H
#define WOS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "http/http.h"
#include "page.h"

/*
 * A stretch of the stream: a range of time, or what follows an event.  Its
 * pages are fetched one after the other, and wait here until their turn to be
 * written comes.
 */

/* The last cursors are kept, to notice one that comes again. */
#define CURSORS_KEPT 256

/* Before every time of a clock, also of one that is negative. */
#define DUE_NOW INT64_MIN

/* A page's events as lines. */
struct chunk {
	struct chunk *next;
	struct buf lines;
	size_t events;
	int64_t at;                   /* time of the last of them */
	char last_id[CURSOR_MAX + 1]; /* its id, or "" */
	bool passes; /* is the event among them that the stream must pass? */
};

struct window {
	struct window *next;
	int64_t start; /* events from here on, or TIME_NONE */
	int64_t end;   /* and before here, or TIME_NONE: to the tail */
	char cursor[CURSOR_MAX + 1]; /* the next page follows it; "" at first */
	bool own_cursor;             /* not one that the API gave with a page */
	int64_t due;                 /* when the next page may be asked for,
					on the monotonic clock, or DUE_NOW */
	unsigned limit;              /* events to ask for at once */
	bool probe; /* it is only asked whether the cursor is known */
	bool finished;
	uint64_t events;         /* on the pages that have come */
	struct request *request; /* for the next page, or NULL */
	size_t names;            /* event types in that request */
	bool with_end;           /* a cursor and range_end in it */
	struct chunk *first, **last;
	int failed; /* exit status of the program once it gets here, or 0 */
	struct buf why;
	long http_status;    /* of the answer that failed it, or 0 */
	char request_id[64]; /* likewise, or "" */
	uint64_t seen[CURSORS_KEPT];
	uint64_t nseen;
	uint64_t mark; /* for circles that are longer than that */
};

struct window *window_new(int64_t start, int64_t end, unsigned limit);
void window_free(struct window *win);

/* Is the cursor one that this window has been at before?  Remembers it. */
bool window_been_at(struct window *win, const char *cursor);

/*
 * The answer can't be used: when the stream gets here, the program ends with
 * this status and message.
 */
void window_fail(struct window *win, const struct request *r, int status,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Adds a chunk at the end; takes the first one off, or returns NULL. */
void window_add_chunk(struct window *win, struct chunk *chunk);
struct chunk *window_take_chunk(struct window *win);

void chunk_free(struct chunk *chunk);

#endif
