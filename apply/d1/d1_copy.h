/* SPDX-License-Identifier: MIT */
#ifndef WOS_D1_COPY_H
#define WOS_D1_COPY_H

#include "db.h"

/*
 * Makes a SQLite database, which is gone when it is closed, with the rows that
 * lists are about: what a comparison applies can be taken back there.  It is on
 * the disk, in SQLite's folder for such files.  Returns DB_OK with *copy for
 * db_close, or why not with the reason in `why`.
 */
enum db_result d1_copy(
    struct db *from, struct db **copy, char why[DB_WHY_SIZE]);

#endif
