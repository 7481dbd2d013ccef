#ifndef WOS_SQLITE_H
#define WOS_SQLITE_H

#include <sqlite3.h>

#include "db.h"

/* db_open for a SQLite file. */
enum db_result sqlite_open(
    const char *path, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE]);

/*
 * Brings the schema of an open database up to the catalogue: makes missing
 * tables and indexes, adds missing columns, drops nothing.  A table of ours
 * without our provenance columns was made by the system that wos replaces: it
 * is made anew with all its rows and columns, and with times as numbers, and
 * the cursor begins where its ledger ends.  All in one transaction: returns
 * SQLITE_OK, or another code with the reason in `why` and the database as it
 * was.
 *
 * Where there were none of our tables, *partial becomes true: of the indexes
 * only those are made that deletes search by.  The others are quicker made of
 * all rows at once, when it is called again.
 */
int sqlite_schema(sqlite3 *handle, bool *partial, char why[DB_WHY_SIZE]);

/* Has it all tables, columns and indexes of the catalogue? */
int sqlite_schema_is_current(sqlite3 *handle, bool *current);

/* Runs statements without values.  Returns a SQLite code. */
int sqlite_exec(sqlite3 *handle, const char *sql);

#endif
