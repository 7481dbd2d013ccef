/* SPDX-License-Identifier: MIT */
#ifndef WOS_PARK_H
#define WOS_PARK_H

#include <stdbool.h>

#include "db.h"

/*
 * Parks what the database refused: the event's line if it is known (kind
 * "line"), or the group's SQL (kind "group").  The same text parked again
 * only renews its reason.  Of a text that the database can't hold it is the
 * beginning that is parked.  Nothing is parked of an event that the ledger has
 * by another text.
 */
enum db_result park_add(struct db *db, const char *event_id, const char *kind,
    struct value text, const char *reason);

/*
 * Forgets what was parked with this text or, if the id is not NULL, of this
 * event: it has been applied now.
 */
enum db_result park_resolve(struct db *db, const struct db_place *at,
    const char *event_id, struct value text);

/* Is anything parked? */
enum db_result park_any(struct db *db, bool *any);

#endif
