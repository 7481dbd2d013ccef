/* SPDX-License-Identifier: MIT */
#ifndef WOS_NAMES_H
#define WOS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* A longer name is no event type's; the longest has 43 bytes. */
#define NAME_MOST 100

/*
 * A set of names of event types, sorted, each once.  Zero-initialise it;
 * names_free gives its memory back.
 */
struct names {
	char (*name)[NAME_MOST + 1];
	size_t n;
};

/*
 * Adds a name of `len` bytes, if it is not there yet.  Returns 0, or -1 if it
 * can be no name.
 */
int names_add(struct names *set, const char *name, size_t len);

bool names_have(const struct names *set, const char *name);

/* Takes a name out; false if it is not there. */
bool names_drop(struct names *set, const char *name);

/* Are the two the same? */
bool names_equal(const struct names *a, const struct names *b);

/* Adds them to the text as a,b,c: as the API has them in its queries, too. */
void names_join(const struct names *set, struct buf *out);

/* Adds some of them, and how many more there are: a line for people. */
void names_tell(const struct names *set, struct buf *out);

void names_free(struct names *set);

#endif
