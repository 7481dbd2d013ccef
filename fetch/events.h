#ifndef WOS_EVENTS_H
#define WOS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* A name longer than this is no event type; the longest has 43 bytes. */
#define EVENT_NAME_MAX 100

/*
 * The event types that are asked for.  Zero-initialise it, add lists, release
 * it with events_release.
 */
struct events {
	char **name; /* sorted, each once; patterns too for saved files */
	size_t n;
};

/*
 * Adds a LIST of names and globs, separated by commas.  A name stands for
 * itself, known or not: the API is newer than this program.  With `expand` a
 * glob stands for the types in the catalogue that it matches and that the API
 * may list; without, it is kept as a pattern.  Returns 0, or -1 with a
 * sentence in `why`.
 */
int events_add(
    struct events *e, const char *list, bool expand, struct buf *why);

/* Adds the types that are asked for by default; `rare`, all of the catalogue.
 */
void events_add_default(struct events *e, bool rare);

/* Takes out what a LIST of names and globs matches.  Returns as events_add. */
int events_except(struct events *e, const char *list, struct buf *why);

/* Is it a type that the API is not known to list? */
bool events_are_rare(const char *type);

/* Is the type asked for, by its name or by a pattern? */
bool events_want(const struct events *e, const char *type);

/* Takes a name out; false if it is not there. */
bool events_drop(struct events *e, const char *name);

/* Adds a,b,c to the buffer: the value of the API's `events` parameter. */
void events_join(const struct events *e, struct buf *out);

void events_release(struct events *e);

#endif
