/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_H
#define WOS_SQLITE_H

#include "db.h"

/* db_open for a SQLite file; DB_DRY for "", which has no name, is empty. */
enum db_result sqlite_open(
    const char *path, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE]);

#endif
