/* SPDX-License-Identifier: MIT */
#ifndef WOS_CURSOR_FIND_H
#define WOS_CURSOR_FIND_H

#include "db.h"
#include "event_id.h"

/* The name of the cursor unless another is given. */
#define CURSOR_DEFAULT "default"

/*
 * Finds the event id that a cursor holds, "" if there is no cursor.  In a
 * database of the system that wos replaces the default one is the ledger's
 * last event.  What is no event's id is DB_FAILED, for this and those that
 * print it, and is not handed on.
 */
enum db_result cursor_find(
    struct db *db, const char *name, char held[EVENT_ID_MAX + 1]);

/* Is it a text that can be an id? */
bool event_id_is_value(const struct value *v);

/* It holds something else: DB_FAILED, with the reason in db->why. */
enum db_result cursor_refuse(struct db *db, const char *name);

#endif
