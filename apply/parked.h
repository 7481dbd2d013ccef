/* SPDX-License-Identifier: MIT */
#ifndef WOS_PARKED_H
#define WOS_PARKED_H

#include <stdbool.h>
#include <stdio.h>

#include "db.h"
#include "parked_id.h"

/*
 * Parks what the database refused: the event's line if it is known (kind
 * "line"), or the group's SQL (kind "group").  The same text parked again
 * only renews its reason.  Nothing is parked of an event that the ledger has by
 * another text.
 */
enum db_result parked_add(struct db *db, const char *event_id, const char *kind,
    struct value text, const char *reason);

/*
 * Forgets what was parked with this text or, if the id is not NULL, of this
 * event: it has been applied now.
 */
enum db_result parked_resolve(struct db *db, const struct db_place *at,
    const char *event_id, struct value text);

/*
 * Forgets what was parked of events that the ledger has by another line:
 * applied by something else than wos-apply, or before it knew of this.
 */
enum db_result parked_forget_corrected(struct db *db);

/* Is anything parked? */
enum db_result parked_any(struct db *db, bool *any);

/* Which of them: of a kind, unless it is NULL, and parked before a time. */
struct parked_choice {
	const char *kind;
	int64_t before; /* in Unix milliseconds; INT64_MAX for all */
};

/* Writes one line for each: id, event, when, reason, divided by tabs. */
enum db_result parked_list(
    struct db *db, const struct parked_choice *choice, FILE *out);

/*
 * Writes all texts of that kind to `out`: lines with a newline, groups as
 * they are.
 */
enum db_result parked_texts(struct db *db, const char *kind, FILE *out);

/*
 * Writes the text to `out`, then forgets it.  `id` is the id of what is
 * parked, or of its event.  *found tells whether there was one.
 */
enum db_result parked_drop(
    struct db *db, const char *id, FILE *out, bool *found);

/*
 * Writes the texts of all of these to `out`, then forgets them, a few in each
 * transaction, of its own: after a failure those of the last few are still
 * there, though they may have been written.  *dropped is how many are gone.
 */
enum db_result parked_drop_all(struct db *db,
    const struct parked_choice *choice, FILE *out, size_t *dropped);

#endif
