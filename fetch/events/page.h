/* SPDX-License-Identifier: MIT */
#ifndef WOS_PAGE_H
#define WOS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "jsontext.h"
#include "range.h"

/* A longer cursor is no event id; one has 32 bytes, and wos-apply keeps 512. */
#define CURSOR_MAX 512

/* A page of the list of events; it points into the body that it was cut from.
 */
struct page {
	struct jsonspan data; /* an array of objects */
	size_t n;             /* of them */
	char
	    after[CURSOR_MAX + 1]; /* the next page follows it; "" at the end */
};

/* One event of a page. */
struct event {
	struct jsonspan text;
	struct jsonspan id;   /* a string, or p is NULL */
	struct jsonspan type; /* likewise */
	int64_t at;           /* created_at, in Unix ms, or TIME_NONE */
};

enum page_fault {
	PAGE_GOOD,
	PAGE_CUT,     /* the text ends too early */
	PAGE_GARBLED, /* no JSON */
	PAGE_WRONG,   /* JSON, but not a list of events */
};

/* Reads a response body.  If it is no good, *why is the reason. */
enum page_fault page_parse(
    struct page *p, const struct buf *body, const char **why);

/* The same for a value that jsontext_check has passed. */
enum page_fault page_of_value(
    struct page *p, struct jsonspan value, const char **why);

/* Walks the page: *next starts as NULL.  False after the last event. */
bool page_event(const struct page *p, const char **next, struct event *e);

/* Reads what stands in an object that is no page but may be an event. */
void event_of_value(struct event *e, struct jsonspan value);

/*
 * Decodes a JSON string into `out`, with a NUL.  Returns its length, or -1 if
 * the value is no string, is longer than `size` allows, or holds a NUL.
 */
int page_string(struct jsonspan value, char *out, size_t size);

#endif
