/* SPDX-License-Identifier: MIT */
#ifndef WOS_PAGE_H
#define WOS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "jsontext.h"

/*
 * A page of the list of events: one walk over its text checks it and cuts the
 * events out of it, as lines, so that the order of members and the digits of
 * numbers stay as the API sent them.
 */

/* A longer cursor is no event id; one has 32 bytes, and wos-apply keeps 512. */
#define CURSOR_MAX 512

/* What an event says of itself; the strings are in the page's text. */
struct event {
	struct jsonspan id;     /* a string, or p is NULL */
	struct jsonspan type;   /* likewise */
	struct jsonspan object; /* likewise */
	int64_t at;             /* created_at, in Unix ms, or TIME_NONE */
};

/* Takes the next event of a page.  Returns whether its line is to stay. */
typedef bool page_take(void *arg, const struct event *e);

struct page {
	struct buf *lines; /* where the lines of its events go */
	page_take *take;   /* is called with each event, and `arg` */
	void *arg;
	size_t n; /* events */
	char
	    after[CURSOR_MAX + 1]; /* the next page follows it; "" at the end */
	const char *why;           /* what is wrong with it */
};

enum page_fault {
	PAGE_GOOD,
	PAGE_CUT,     /* the text ends too early */
	PAGE_GARBLED, /* no JSON */
	PAGE_WRONG,   /* JSON, but not a list of events */
};

/*
 * Reads the text of a page, of which `lines`, `take` and `arg` are set.  If it
 * is no good, `why` is the reason, the lines are as they were, and what was
 * handed over is void.
 */
enum page_fault page_read(struct page *p, const char *text, size_t len);

/*
 * Reads the text of one event, which is good JSON, and adds its line.  Returns
 * false, and adds nothing, if it is no object.
 */
bool page_read_event(
    const char *text, size_t len, struct buf *lines, struct event *e);

/*
 * Decodes a JSON string into `out`, with a NUL.  Returns its length, or -1 if
 * the value is no string, is longer than `size` allows, or holds a NUL.
 */
int page_string(struct jsonspan value, char *out, size_t size);

#endif
