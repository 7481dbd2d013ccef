/* SPDX-License-Identifier: MIT */
#ifndef WOS_PARKED_H
#define WOS_PARKED_H

#include <stdbool.h>
#include <stdio.h>

#include "db.h"
#include "options.h"

/*
 * Forgets what was parked of events that the ledger has by another line:
 * applied by something else than wos-apply, or before it knew of this.
 */
enum db_result parked_forget_corrected(struct db *db);

/*
 * Prints what is parked, as the options choose: id, event, when and reason, a
 * line each, divided by tabs.
 */
enum db_result parked_print(struct db *db, const struct options *o);

/*
 * Writes all texts of that kind to `out`: lines with a newline, groups as
 * they are.
 */
enum db_result parked_texts(struct db *db, const char *kind, FILE *out);

/*
 * Prints the texts of all that the options choose, or of what is parked by the
 * id that is their argument, or of this event; and forgets them, a few in each
 * transaction: after a failure those of the last few are still there, though
 * they may have been printed.  Returns the status to exit with.
 */
int parked_drop(struct db *db, const struct options *o);

#endif
