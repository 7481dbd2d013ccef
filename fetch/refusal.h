/* SPDX-License-Identifier: MIT */
#ifndef WOS_REFUSAL_H
#define WOS_REFUSAL_H

#include <stdbool.h>

#include "buf.h"

/*
 * What the API says when it does not answer with a page.  Its error bodies
 * have several shapes, and those of the proxy before it are HTML, so they are
 * read for what they hold.
 */

/* Who is told that a key is refused, or that there is none, needs one. */
#define REFUSAL_OTHER_KEY                                                      \
	"; a key begins with sk_ and comes from API Keys on "                  \
	"https://dashboard.workos.com; staging and production have "           \
	"different ones"

/*
 * Adds a sentence: the status, the message, the code and the fields where the
 * body has them, else the body's first bytes.  Fit to be printed.
 */
void refusal_add(struct buf *out, long status, const struct buf *body);

/*
 * Does the body reject one of the event names that were asked for?  Then it
 * is stored, cut to `size`.
 */
bool refusal_of_name(const struct buf *body, char *name, size_t size);

/*
 * Does the answer mean that the API does not know the event that the request
 * was to continue after?
 */
bool refusal_of_cursor(long status, const struct buf *body, const char *cursor);

/* Does the answer say that there is no object of this id? */
bool refusal_of_entity(long status, const struct buf *body, const char *id);

/* Does it complain about range_end? */
bool refusal_of_end(long status, const struct buf *body);

#endif
