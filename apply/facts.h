/* SPDX-License-Identifier: MIT */
#ifndef WOS_FACTS_H
#define WOS_FACTS_H

#include "options.h"

/* Days to look back over, unless told otherwise, and at most. */
#define FACTS_DAYS 30
#define FACTS_DAYS_MAX 366

/*
 * Writes what there is to know about a database, for wos-status and others
 * to make something of: a fact a line, a word and its values, divided by tabs.
 * The manual has the list.  Nothing in a value can be taken for a tab or a
 * newline, or do anything to a terminal.
 *
 * The options have the time, and the number of days, today included, whose
 * events are looked at; with 0 there are only the facts that cost next to
 * nothing.  A table that
 * is not there has no facts.
 */
enum db_result facts_print(struct db *db, const struct options *o);

#endif
