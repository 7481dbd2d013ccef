/* SPDX-License-Identifier: MIT */
#ifndef WOS_RETRY_H
#define WOS_RETRY_H

#include <stdio.h>

#include "confine/confine.h"
#include "options.h"

/*
 * Takes what has come before through again.  No cursor moves.  These return the
 * status to exit with, after the reason has been printed.
 */

/*
 * The name that this program was called by: wos-decode is looked for beside it,
 * and then on PATH.  It must stay.  From now on the events of orphans are
 * decoded again, too: see orphan.h.
 */
void retry_init(const char *name);

/* Both need files of their own, and to start wos-decode, later on. */
void retry_confine(struct confine *c);

/*
 * What is parked: lines through wos-decode, groups as they are.  What is
 * applied now is parked no more; what is refused again stays, with its new
 * reason.
 */
int retry_parked(struct db *db, const struct options *o);

/*
 * Lines of any other origin: an empty file of this program's own for them, and
 * their way through wos-decode into the database.
 */
struct apply_totals;
FILE *retry_lines_file(void);
int retry_decode(struct db *db, FILE *lines, struct apply_totals *totals);

#endif
