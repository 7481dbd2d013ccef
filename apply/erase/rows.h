/* SPDX-License-Identifier: MIT */
#ifndef WOS_ERASE_ROWS_H
#define WOS_ERASE_ROWS_H

#include "db.h"
#include "erase/found.h"
#include "erase/counted.h"

/* The rows of tables, whose columns say whom they are about. */

/* Finds the ids of those whose rows have an address that was named. */
enum db_result rows_find_ids(struct db *db, struct found *f);

/* Finds the addresses that rows of those ids have. */
enum db_result rows_find_addresses(struct db *db, struct found *f);

/*
 * Empties the personal columns of their rows, a transaction for each of what
 * was found; or only tells which would change.
 */
enum db_result rows_erase(struct db *db, struct found *f,
    struct counted *counted, enum erase_step step);

#endif
