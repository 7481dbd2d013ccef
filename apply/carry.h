/* SPDX-License-Identifier: MIT */
#ifndef WOS_CARRY_H
#define WOS_CARRY_H

#include "options.h"

/*
 * What a database is not to get back, on its way to another one that is made of
 * its lines: wos-rebuild --into.  For struct question.
 */

/* --forgotten: prints what was erased and pruned, a line each. */
enum db_result carry_print(struct db *db, const struct options *o);

/* --forgotten-add: notes it in a database that knows of nothing of the kind. */
int carry_add(struct db *db, const struct options *o);

#endif
