/* SPDX-License-Identifier: MIT */
#ifndef WOS_LISTING_H
#define WOS_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "http/http.h"
#include "item.h"
#include "timestamp.h"
#include "wanted.h"

/*
 * T0 of a list is the API's time before its first request, less this: its
 * clock tells whole seconds, and what answers may lag behind what is written.
 * One that is too early costs nothing, since the events from then on win.
 */
#define LISTED_MARGIN_MS 60000

/*
 * How often a list is begun again that has started from its first page in the
 * middle, as one may if the object that it was to go on after is deleted; or a
 * page is asked for again that was empty after an error.
 */
#define LISTING_TRIES 3

/*
 * How many pages are taken of a list after it has been found to be no whole
 * one: their cursors need not come to an end.
 */
#define LISTING_DOUBTFUL_PAGES 100

/* One list that is under way: of one parent, or of none. */
struct listing {
	struct listing *next; /* the crawl's */
	const struct list *list;
	const struct wanted *wanted;
	char parent[ITEM_ID_MAX + 1], grandparent[ITEM_ID_MAX + 1]; /* or "" */
	bool trusted;            /* the list of its parents was complete */
	bool ended;              /* before: it is there for its ids alone */
	struct request *request; /* that asks for its next page, or NULL */
	struct buf path;
	unsigned limit, tries;
	int64_t asked_at; /* its first request, on the monotonic clock */
	char listed_at[TIMESTAMP_SIZE];
	char last[ITEM_ID_MAX + 1];   /* the greatest id so far */
	char cursor[ITEM_ID_MAX + 1]; /* the next page follows it */
	char mark[ITEM_ID_MAX + 1];   /* a cursor that must not come again */
	uint64_t pages, count;
	unsigned doubtful; /* pages since there was a `why` */
	uint64_t expected; /* its parent's count, or ITEM_UNCOUNTED */
	bool keeps_ids;    /* other lists are asked for by them */
	struct buf ids;    /* entries, each with a NUL */
	struct buf why;    /* it is not complete, or NULL */
};

enum listing_state {
	LISTING_AGAIN,   /* the request will be tried again */
	LISTING_MORE,    /* there is another page to ask for */
	LISTING_ENDED,   /* complete, unless there is a `why` */
	LISTING_GONE,    /* the parent is gone */
	LISTING_REFUSED, /* not listed: see `why` */
	LISTING_LATER,   /* the API can't be asked now: see `why` */
	LISTING_FAILED,  /* it never can: see `why` */
};

/*
 * Returns one for listing_free; all is copied, "" is none.  An entry is a
 * parent's id, with the counts behind it that its item had: org_01 group=7
 */
struct listing *listing_new(const struct wanted *w, const struct list *list,
    const char *entry, const char *grandparent);
void listing_free(struct listing *l);

/*
 * The id of the chain of parents that is one of that name, or NULL: which
 * directory is it about?
 */
const char *listing_of(const struct listing *l, const char *name);

/* Asks for its next page. */
void listing_ask(struct listing *l, struct request *r);

/*
 * Takes the answer in l->request and adds the lines of what it has to `out`.
 * In all states but LISTING_AGAIN the request is the caller's again.
 */
enum listing_state listing_take(struct listing *l, struct buf *out);

/* Adds what it is, fit to be printed: organization_membership of org_01 */
void listing_name(const struct listing *l, struct buf *out);

#endif
