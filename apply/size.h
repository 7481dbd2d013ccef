/* SPDX-License-Identifier: MIT */
#ifndef WOS_SIZE_H
#define WOS_SIZE_H

#include "db.h"

/*
 * Sets *size to the database's bytes, or to -1 where they are not known: of a
 * file, with what is not in it yet; of a server's database the whole of it,
 * also what is not ours.
 */
enum db_result size_find(struct db *db, const char *where, int64_t *size);

#endif
