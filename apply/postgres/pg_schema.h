/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_SCHEMA_H
#define WOS_PG_SCHEMA_H

#include "db.h"
#include "libpq.h"

/*
 * Looks at the schema.  *found tells whether it is there.  For DB_WRITE, and
 * for DB_CHANGE where it is, brings it up to the catalogue: makes missing
 * tables, indexes, views and comments, adds missing columns, drops nothing but
 * old indexes of ours, and writes nothing if there is nothing to do.  All of it
 * is in the first schema of the search path.  What only has a name of ours is
 * somebody else's: refused.  Indexes and views that can't be made, or dropped,
 * are no failure. Returns DB_OK, or why not, with the reason in `why`.
 */
enum db_result pg_schema(
    PGconn *conn, enum db_mode mode, bool *found, char why[DB_WHY_SIZE]);

#endif
