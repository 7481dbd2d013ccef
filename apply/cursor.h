/* SPDX-License-Identifier: MIT */
#ifndef WOS_CURSOR_H
#define WOS_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "cursor_find.h"
#include "db.h"
#include "event_id.h"

struct options;
struct report;
struct scope;

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
	bool follows;     /* does the stream come after what is held? */
	bool passed;      /* an event has come, and not only lines of lists */
	bool lost;        /* somebody else has moved it in the meantime */
	bool saving;      /* cursor_save has written it, */
	int64_t saved;    /* and so many rows had what was held, */
	int64_t saved_at; /* at this time, by moved_at */
	int64_t floor;    /* it does not move to an event before that time */
	/*
	 * What the stream stands for, where it tells; else NULL, and a cursor
	 * that moves stands for nothing that is known.
	 */
	struct report *report;
	struct scope *scope; /* what the cursor stood for at first */
	bool scoped;         /* that holds for the event it is at */
	bool less;           /* the stream asks for less than that */
	size_t refused;      /* types that the database knows of, */
	size_t refusing;     /* or that cursor_save has told it */
	/*
	 * A back-fill is what the cursor lacks up to this event: it moves a
	 * place of its own.  NULL: the stream is none.
	 */
	const char *fill;
	bool filling; /* its types are written down */
	/*
	 * There is none of that name yet, but another, and nobody says where
	 * the stream comes from: it may be another environment's.
	 */
	bool doubtful;
};

/* How a stream goes with a cursor. */
struct cursor_options {
	const char *name;
	const char *after; /* the event that the stream continues, or NULL */
	bool restart;      /* it takes the place of what went before */
	const char *fill;  /* it is a back-fill up to this event, or NULL */
	bool dry;          /* nothing is to be changed */
	struct report *report; /* what it says of itself, or NULL */
};

/* Reads the cursor; with a report also its scope, for cursor_release. */
enum db_result cursor_init(
    struct cursor *c, struct db *db, const struct cursor_options *o);
void cursor_release(struct cursor *c);

/* The time of an event, where it is not known. */
#define CURSOR_NO_TIME INT64_MIN

/* The stream has come to this event, of this time. */
void cursor_pass(struct cursor *c, const char *event_id, int64_t at);

/*
 * Moves the cursor in the database to the last event passed, in the caller's
 * transaction, if it still holds what it held.  Whether it did is known once
 * that is committed: then cursor_saved is to be called.
 */
enum db_result cursor_save(struct cursor *c, struct db *db);
void cursor_saved(struct cursor *c);

/*
 * After a commit of which nobody knows what became: is the cursor where that
 * was to move it, and was it this that did so?  If it moves none, false.
 */
enum db_result cursor_has_moved(
    const struct cursor *c, struct db *db, bool *moved);

/*
 * The stream is quiet, or at its end: notes what it has reported since, in a
 * transaction of its own.  `events` is how many the database has of it: the
 * end of the stream has been seen, or a back-fill is done, when that is all.
 */
enum db_result cursor_note(
    struct cursor *c, struct db *db, uint64_t events, bool end);

/*
 * How often, in milliseconds, a run that stays notes how far it is; the
 * environment may say so in WOS_TAIL_EVERY, in seconds.
 */
int64_t cursor_note_every(void);

/* Prints the event id that the cursor holds, if there is one. */
enum db_result cursor_print(struct db *db, const struct options *o);

/*
 * Prints what is known of the cursor, a name and a value a line: event_id,
 * event_at, moved_at, tail_seen_at, gap_from, gap_to; times in Unix
 * milliseconds.  What is not known is left out; so is all of it where there
 * is no cursor.
 */
enum db_result cursor_print_info(struct db *db, const struct options *o);

#endif
