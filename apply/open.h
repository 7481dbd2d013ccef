/* SPDX-License-Identifier: MIT */
#ifndef WOS_OPEN_H
#define WOS_OPEN_H

#include "confine/confine.h"
#include "db.h"

/*
 * Opens the database that `where` names, which name_init has not refused.
 * Returns DB_OK with *db for db_close; or DB_OK with *db NULL if it does not
 * exist and was only to be read or changed; or why it can't be opened, with the
 * reason in `why`.  DB_REFUSED is for DB_DRY alone: its tables would have to be
 * made first.
 */
enum db_result db_open(const char *where, enum db_mode mode, struct db **db,
    char why[DB_WHY_SIZE]);

/*
 * Makes a SQLite database that is gone when it is closed, for db_close. Returns
 * DB_OK, or why not with the reason in `why`.
 */
enum db_result db_open_temporary(struct db **db, char why[DB_WHY_SIZE]);

/* The library that opens it, with its version; after db_open. */
const char *db_library(const char *where);

/* Is it reached by a connection? */
bool db_connects(const char *where);

/* What has to stay allowed for it, or a temporary one, from before that. */
void db_confine(const char *where, struct confine *c);
void db_confine_temporary(struct confine *c);

#endif
