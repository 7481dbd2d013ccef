/* SPDX-License-Identifier: MIT */
#ifndef WOS_ORPHAN_H
#define WOS_ORPHAN_H

#include <stdbool.h>

#include "db.h"

/*
 * What the stream leaves to be done about orphans, the objects that are gone
 * because a parent is: see `orphan` in the catalogue.  No transaction is open.
 */

/*
 * Settles those that are marked: an object that has moved to a parent which is
 * gone leaves, with all that descends from it; one that has moved away from one
 * is an orphan no more, and *decode says that events are to be decoded again,
 * as its children's are.  All in one transaction: after a failure it is still
 * to be done, by the next call or another program.
 */
enum db_result orphan_settle(struct db *db, bool *decode);

/*
 * Takes the events that are to be decoded again through wos-decode, until no
 * more are: each time, those of the children of what has come back before.
 * Rows that they change are added to *changed.  Returns 0, or the status to
 * exit with after the reason has been printed, with `name` for a place.
 */
int orphan_decode(struct db *db, const char *name, int64_t *changed);

/*
 * Who does that, with the events of the orphans that are marked, once: set at
 * the program's start.  NULL: nobody, and they stay marked.
 */
extern int (*orphan_decoder)(struct db *db, int64_t *changed);

#endif
