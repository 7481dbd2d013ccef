/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_H
#define WOS_SQLITE_H

#include "db.h"

/* db_open for a SQLite file. */
enum db_result sqlite_open(
    const char *path, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE]);

/* For db_library. */
const char *sqlite_library(void);

#endif
