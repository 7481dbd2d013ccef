/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_SCHEMA_H
#define WOS_SQLITE_SCHEMA_H

#include <sqlite3.h>

#include "db.h"

/*
 * Brings the schema of an open database up to the catalogue: makes missing
 * tables, indexes and views, adds missing columns, adopts what the replaced
 * system made, drops nothing but a view of its own to make it anew.  All in one
 * transaction: returns SQLITE_OK, or another code with the reason in `why` and
 * the database as it was.
 *
 * Where there is no ledger, *partial becomes true: a first load begins.  No
 * indexes are made, since they are quicker made of all rows at once, when this
 * is called again.  Until then the removal of a parent's children, which needs
 * an index, may be put off if the parent has its tombstone: once the indexes
 * are there, the children of all that have one are removed.  That this is still
 * to be done stands in the database, for whoever opens it next.
 */
int sqlite_schema(sqlite3 *handle, bool *partial, char why[DB_WHY_SIZE]);

/*
 * Is it so, still?  Another program may have opened the database meanwhile.
 * Returns a SQLite code.
 */
int sqlite_schema_is_partial(sqlite3 *handle, bool *partial);

/* Has it all tables, columns and indexes of the catalogue? */
int sqlite_schema_is_current(sqlite3 *handle, bool *current);

#endif
