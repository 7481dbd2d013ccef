/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_H
#define WOS_SQLITE_H

#include "confine/confine.h"
#include "db.h"

/* db_open for a SQLite file; DB_DRY for "", which has no name, is empty. */
enum db_result sqlite_open(
    const char *path, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE]);

/* For db_library. */
const char *sqlite_library(void);

/*
 * db_confine for one: its folder, where temporary files are made, too, if it
 * can be written to.
 */
void sqlite_confine(const char *path, struct confine *c);

/* What a database without a name needs. */
void sqlite_confine_temporary(struct confine *c);

#endif
