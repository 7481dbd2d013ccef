/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_VIEWS_H
#define WOS_SQLITE_VIEWS_H

#include <stdbool.h>

#include "sqlite_look.h"

/* Are all views there, as the catalogue has them, or an owner's? */
bool sqlite_views_are_current(struct look *l);

/*
 * Makes the views that are not, in the transaction that is open.  Where that
 * fails, it says so, and the views stay as they were: a later run tries again.
 * Returns a SQLite code of what concerns the transaction.
 */
int sqlite_views(struct look *l);

#endif
