/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_CONNECT_H
#define WOS_PG_CONNECT_H

#include "db.h"
#include "libpq.h"

/*
 * Connects.  Returns DB_OK with *conn for pq.finish; DB_BUSY if another time
 * may be better, or DB_FAILED, with the reason in `why`.
 */
enum db_result pg_connect(
    const char *where, PGconn **conn, char why[DB_WHY_SIZE]);

#endif
