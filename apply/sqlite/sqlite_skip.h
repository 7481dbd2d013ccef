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
 * orphan.  Then its parents live, and the note would come to nothing.  New
 * objects are no orphans: their ids sort behind the last orphan's.
 *
 * While no item of a list is kept: what changes such items and adds none, and
 * what fills the columns that lists lack.
 */

/* Tables that have orphans: the catalogue has fewer. */
#define SKIP_KINDS 32

/* Of a name or an id, in bytes; about a longer one the database is asked. */
#define SKIP_TEXT_MAX 64

struct skip_key {
	struct skip_text {
		size_t len;
		char p[SKIP_TEXT_MAX];
	} object, id;
};

struct skip {
	bool loading; /* is it a first load? */
	int code;     /* SQLITE_OK, or how a question has failed */
	bool landed;  /* has the stream's last statement changed rows? */
	enum { ITEMS_UNKNOWN, ITEMS_NONE, ITEMS_SOME } items;
	bool knows_gone;
	struct skip_key gone;             /* whose tombstone was found last */
	struct skip_key last[SKIP_KINDS]; /* of each table's orphans */
	size_t nlast;
	sqlite3_stmt *is_gone, *is_orphan, *last_orphan, *any_item;
};

/*
 * A transaction begins, or a part of it has been taken back: what is known of
 * the database's rows holds no more.
 */
void skip_begin(struct skip *s);

/*
 * Need the statement not be run?  Where `code` tells of a failure, SQLite may
 * have rolled the transaction back: the statement has failed.
 */
bool skip_needs_no_run(struct skip *s, sqlite3 *h, const struct form *form,
    const struct value *value, size_t nvalues);

/* It was run, and has changed so many rows. */
void skip_has_run(struct skip *s, const struct form *form, int changed);

#endif
