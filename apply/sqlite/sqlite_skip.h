/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_SKIP_H
#define WOS_SQLITE_SKIP_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "db.h"

/*
 * Statements of the stream that SQLite need not run, now or at all.  What can't
 * be known is run.
 *
 * In a first load: what takes a parent's descendants along is put off to its
 * end, for want of indexes; but not without the tombstone that says so later.
 *
 * After an upsert that has landed: the note about it, of an object that was no
 * orphan.  Then its parents live, and the note would come to nothing.
 */
struct skip {
	bool loading; /* is it a first load? */
	bool landed;  /* has the stream's last statement changed rows? */
	enum { ORPHANS_UNKNOWN, ORPHANS_NONE, ORPHANS_SOME } orphans;
	sqlite3_stmt *is_gone, *is_orphan, *any_orphan;
};

/* A transaction begins or ends: others' orphans may be there. */
void skip_begin(struct skip *s);

/* Need the statement not be run? */
bool skip_needs_no_run(struct skip *s, sqlite3 *h, const struct form *form,
    const struct value *value, size_t nvalues);

/* It was run, and has changed so many rows. */
void skip_has_run(struct skip *s, const struct form *form, int changed);

#endif
