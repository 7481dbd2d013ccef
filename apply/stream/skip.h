/* SPDX-License-Identifier: MIT */
#ifndef WOS_SKIP_H
#define WOS_SKIP_H

#include <stdbool.h>

#include "db.h"

/*
 * Statements of the stream that SQLite need not run, now or at all.  What can't
 * be known is run.
 */

/*
 * In a first load: is it what takes a parent's descendants along, put off to
 * its end for want of indexes?  Not without the tombstone that says so later.
 */
bool skip_cascade(struct db *db, const struct query *q,
    const struct value *value, size_t nvalues);

/*
 * After an upsert that has landed: is it the note about it, of an object that
 * was no orphan?  Then its parents live, and it would come to nothing.  To look
 * takes a fifth of the time to run it.
 */
bool skip_note(struct db *db, const struct query *q, const struct value *value);

#endif
