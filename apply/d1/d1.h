/* SPDX-License-Identifier: MIT */
#ifndef WOS_D1_H
#define WOS_D1_H

#include "confine/confine.h"
#include "d1_name.h"
#include "db.h"

/*
 * Cloudflare D1, by its REST API: SQLite behind HTTP.  A request with a batch
 * of statements is one transaction, so a transaction is a queue until it is
 * committed; nothing is read in between, and nothing taken back afterwards.
 */

/* db_open for a D1 database. */
enum db_result d1_open(const char *where, enum db_mode mode, struct db **db,
    char why[DB_WHY_SIZE]);

/* For db_library. */
const char *d1_library(void);

/* What db_open needs for one. */
void d1_confine(const char *where, struct confine *c);

#endif
