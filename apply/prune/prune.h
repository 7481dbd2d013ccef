/* SPDX-License-Identifier: MIT */
#ifndef WOS_PRUNE_H
#define WOS_PRUNE_H

#include "options.h"

/*
 * --prune: takes payloads out of the ledger which are older than an age and
 * which nothing in the tables comes from any more, and with --facts the facts
 * that are older than another.  Each transaction is about some rows, and
 * between two of them others have as much time.  For struct question.
 */
int prune_run(struct db *db, const struct options *o);

#endif
