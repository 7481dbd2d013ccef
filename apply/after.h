/* SPDX-License-Identifier: MIT */
#ifndef WOS_AFTER_H
#define WOS_AFTER_H

#include "options.h"

/*
 * Tells again what the events after the one in o->argument have changed, as the
 * change feed told it: a temporary database gets what the ledger has up to that
 * event, and then, with the feed, what has come since.  Items of lists have no
 * place in the ledger, only a time: those of lists before the event's come
 * first, and the others last.
 *
 * Returns the status to exit with, after the reason has been printed.
 */
int after_print(struct db *db, const struct options *o);

#endif
