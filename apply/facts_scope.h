/* SPDX-License-Identifier: MIT */
#ifndef WOS_FACTS_SCOPE_H
#define WOS_FACTS_SCOPE_H

#include <stdio.h>

#include "db.h"

/*
 * Writes, for facts_print, what a cursor of that name stands for:
 *
 *	scope NAME known|unknown|stray TYPES REFUSED FILLING SINCE ORGANIZATION
 *	refused NAME TYPE		(for each)
 *
 * TYPES, REFUSED and FILLING are numbers of event types, SINCE is when the last
 * of them begins, or - for the oldest event.  `stray` is a cursor whose event
 *is not in the ledger.
 */
enum db_result facts_scope(struct db *db, const char *name, FILE *out);

#endif
