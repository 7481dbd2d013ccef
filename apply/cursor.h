#ifndef WOS_CURSOR_H
#define WOS_CURSOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "db.h"

/* The longest id of an event, in bytes: wos-decode lets none through above. */
#define EVENT_ID_MAX 512

/*
 * A named cursor: the last event of the stream that the database follows.  It
 * moves only to an event that is known to come after the one it holds: there
 * was no cursor yet, or the caller says that the stream continues it or takes
 * its place, or the stream itself has passed it.
 */
struct cursor {
	const char *name;
	char held[EVENT_ID_MAX + 1]; /* what the database has; "" for none */
	char last[EVENT_ID_MAX + 1]; /* the event to move to; "" for none */
	bool follows; /* does the stream come after what is held? */
	bool lost;    /* somebody else has moved it in the meantime */
};

/* The name of the cursor unless another is given. */
#define CURSOR_DEFAULT "default"

/*
 * Finds the event id that a cursor holds, "" if there is no cursor.  In a
 * database of the system that wos replaces the default one is the ledger's
 * last event.  What is no event's id is DB_FAILED, for this and cursor_print,
 * and is not handed on.
 */
enum db_result cursor_find(
    struct db *db, const char *name, char held[EVENT_ID_MAX + 1]);

/*
 * Reads the cursor.  `after` is the event that the stream continues, or NULL;
 * `restart` says that the stream takes the place of what went before.
 */
enum db_result cursor_init(struct cursor *c, struct db *db, const char *name,
    const char *after, bool restart);

/* The stream has come to this event. */
void cursor_pass(struct cursor *c, const char *event_id);

/*
 * Moves the cursor in the database to the last event passed, in the caller's
 * transaction, if it still holds what it held.
 */
enum db_result cursor_save(struct cursor *c, struct db *db);

/*
 * Records, if there is such a cursor, that at this time (Unix milliseconds)
 * nothing came after it; or that events between these two times may be
 * missing.
 */
enum db_result cursor_tail(struct db *db, const char *name, int64_t ms);
enum db_result cursor_gap(
    struct db *db, const char *name, int64_t from, int64_t to);

/*
 * Writes what is known of the cursor, a name and a value a line: event_id,
 * event_at, moved_at, tail_seen_at, gap_from, gap_to; times in Unix
 * milliseconds.  What is not known is left out; so is all of it where there
 * is no cursor.
 */
enum db_result cursor_print(struct db *db, const char *name, FILE *out);

#endif
