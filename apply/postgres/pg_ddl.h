/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_DDL_H
#define WOS_PG_DDL_H

#include <stdbool.h>

#include "libpq.h"
#include "pg_answer.h"

/*
 * Runs statements that change the schema, in one transaction.  It waits for
 * nobody who keeps a table for long, and takes no lock of ours: some servers
 * change no schema after a row.
 */
struct pg_answer pg_ddl(PGconn *conn, const char *ddl);

/*
 * Did it fail because another program was making the same?  IF NOT EXISTS
 * does not look at what is not committed yet.
 */
bool pg_ddl_collided(const struct pg_answer *a);

/* Did it fail in another way that leaves the connection as it was? */
bool pg_ddl_is_refused(const struct pg_answer *a);

#endif
