/* SPDX-License-Identifier: MIT */
#ifndef WOS_D1_SCHEMA_H
#define WOS_D1_SCHEMA_H

#include "db.h"

/*
 * Looks whether there is a ledger, into *found; and unless the mode is DB_READ,
 * or DB_CHANGE without a ledger, brings the schema up to the catalogue: makes
 * missing tables and indexes, adds missing columns, adopts what the replaced
 * system made, drops nothing.  Each attempt is one transaction.  Before the
 * first of them it is proved that a transaction is one: where half of it stays
 * behind, the database is refused.  Returns DB_OK, or why not with the reason
 * in db->why.
 */
enum db_result d1_schema(struct db *db, enum db_mode mode, bool *found);

#endif
