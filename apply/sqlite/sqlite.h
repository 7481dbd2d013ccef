/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_H
#define WOS_SQLITE_H

#include "confine/confine.h"
#include "db.h"

/* db_open for a SQLite file. */
enum db_result sqlite_open(
    const char *path, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE]);

/*
 * db_confine for one: its folder, where temporary files are made, too, if it
 * can be written to.
 */
void sqlite_confine(const char *path, struct confine *c);

#endif
