/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHANGE_TELLING_H
#define WOS_CHANGE_TELLING_H

#include <stdbool.h>
#include <stdint.h>

#include "change/pending.h"
#include "change/spool.h"
#include "change/watch.h"

/* What a transaction has to tell, while it goes on. */

/* A group of statements, and what it is about. */
struct origin {
	size_t group;
	char *event_id; /* or NULL */
	int64_t at;     /* the event's, or the list item's; or INT64_MIN */
	bool new;       /* has the event come to the ledger here? */
	struct origin *next;
};

struct telling {
	bool by_lines, by_notices;
	struct spool lines, notices;
	size_t lines_mark, notices_mark;
	struct origin *origins; /* the newest first, */
	struct origin *origin;  /* the one that rows are pending of, */
	struct origin *newest;  /* and the last whose event is new */
	struct pending *pending;
	struct pending_row last; /* the last change; its table may be NULL */
	struct buf line;
};

/* Who is to be told, for watch_new. */
struct watcher telling_watcher(struct telling *t);

/* For telling_release; the spools are taken over. */
void telling_init(struct telling *t, const struct spool spools[2]);
void telling_release(struct telling *t);

/*
 * What the group of the statement is about; a statement on one of wos' own
 * tables may say so.  Valid until telling_clear.
 */
struct origin *telling_origin(struct telling *t, const struct db_place *at);
void telling_note(
    struct origin *o, const struct form *form, const struct ran *r);

/* The event at hand is whole: makes lines of what is pending. */
void telling_flush(struct telling *t);

/* Begins a part that can be taken back; takes it back; or forgets all. */
void telling_mark(struct telling *t);
void telling_undo(struct telling *t);
void telling_clear(struct telling *t);

#endif
