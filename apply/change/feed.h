/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHANGE_FEED_H
#define WOS_CHANGE_FEED_H

#include <stdbool.h>

#include "db.h"

/*
 * The change feed: a database that passes everything on to another and tells,
 * once a transaction is committed, what it has changed in the tables of objects
 * and facts, a line each: see line.h.  Nobody who uses it needs to know.
 *
 * The lines of a commit are written whole to standard output, after it and
 * before the next transaction begins: a reader that is slow is waited for
 * without one.  Of a reader that has gone, the next db_begin says so, and
 * feed_end: nothing more is committed then.
 */

/* Where to tell it: on standard output, by NOTIFY on this channel, or both. */
struct feed_options {
	bool lines;
	const char *channel; /* or NULL */
};

/* The channel, unless another is named, and how long a name may be. */
#define FEED_CHANNEL "wos_changes"
#define FEED_CHANNEL_MAX 63

/*
 * Gets ready for it, before the program is confined: it needs files of its own,
 * and is not to be ended by a write to nobody.
 */
void feed_prepare(void);

/*
 * Takes over `inner`; db_close closes both.  What a first load has put off is
 * done first, so that nothing is left to be changed behind its back.  Returns
 * DB_OK with *db, or why not with the reason in inner->why.
 */
enum db_result feed_open(
    struct db *inner, const struct feed_options *o, struct db **db);

/*
 * Has all been told that was committed?  If not, the reason is in db->why.
 */
enum db_result feed_end(struct db *db);

#endif
