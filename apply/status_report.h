/* SPDX-License-Identifier: MIT */
#ifndef WOS_STATUS_STATUS_H
#define WOS_STATUS_STATUS_H

#include "options.h"

/*
 * Prints how a database is and all that there is to know of it, for wos-status
 * and others to make something of: as one object of JSON, or a fact a line, a
 * word and its values, divided by tabs.  The manual of wos-status has the list.
 * Nothing in a value can be taken for a tab or a newline, or do anything to a
 * terminal.
 *
 * With --days 0 events are not looked at, and only what costs next to nothing
 * is printed.  A table that is not there has no facts; without the ledger there
 * is no verdict, and no JSON.
 */
enum db_result status_print(struct db *db, const struct options *o);

#endif
