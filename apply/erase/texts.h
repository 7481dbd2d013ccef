/* SPDX-License-Identifier: MIT */
#ifndef WOS_ERASE_TEXTS_H
#define WOS_ERASE_TEXTS_H

#include "db.h"
#include "erase/found.h"
#include "erase/counted.h"

/* The texts that the database keeps: the ledger's, lists' and parked ones. */

enum db_result texts_find_ids(struct db *db, struct found *f);
enum db_result texts_find_addresses(struct db *db, struct found *f);

/*
 * Strips them, some in a transaction; or only tells which would change.  A
 * parked text that is no line goes as a whole, and a payload that is none
 * becomes that of an event without data.
 */
enum db_result texts_erase(struct db *db, struct found *f,
    struct counted *counted, enum erase_step step);

#endif
