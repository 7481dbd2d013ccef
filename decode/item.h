/* SPDX-License-Identifier: MIT */
#ifndef WOS_ITEM_H
#define WOS_ITEM_H

#include "event.h"
#include "lists.h"

/*
 * Lines of lists, as wos-fetch --list writes them.  An item is read as an event
 * that has no id and happened when it was listed: its object is all its data.
 */

enum item_kind {
	ITEM_NONE, /* the line is none of these */
	ITEM_LINE, /* of an object */
	ITEM_END,  /* of a complete list */
	ITEM_GONE, /* of a row that a complete list lacks: see wos-verify */
};

enum item_kind item_kind(struct jsonspan text);

/*
 * Reads a line of either kind.  Returns 0 with e->listed, at, parent and data,
 * or -1 with e->why.
 */
int item_read(struct event *e, struct jsonspan text);

/* How many items a complete list has.  Returns 0, or -1 with e->why. */
int item_count(struct event *e, struct jsonspan text, int64_t *count);

/*
 * What the item has for a column, where that is not as in an event's data; or
 * *text as it is.
 */
void item_text(
    const struct event *e, const struct column *c, struct jsonspan *text);

#endif
