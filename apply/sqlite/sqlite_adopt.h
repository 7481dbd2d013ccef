/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_ADOPT_H
#define WOS_SQLITE_ADOPT_H

#include "catalogue.h"
#include "sqlite_look.h"

/*
 * The tables of the replaced system, and its ledger: see adopt.h.  These return
 * a SQLite code, in the caller's transaction.
 */
int sqlite_adopt_table(sqlite3 *h, const struct table *t);
int sqlite_adopt_ledger(sqlite3 *h);

#endif
