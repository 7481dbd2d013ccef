/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_NAME_H
#define WOS_PG_NAME_H

#include <stdbool.h>

#include "buf.h"
#include "db.h"

/*
 * What a connection string of libpq names.  Adds to `shown` what to call it,
 * all visible: the service, or user, host, port and name; and to `identity`
 * all that tells the database from others, which has no secret either.  *whole
 * says that `shown` has all of that, too.
 *
 * Returns 0; or -1 with the reason in `why` and nothing added if libpq does not
 * take it, or takes part of a password for something else.  Without libpq it is
 * called PostgreSQL, whatever it is.
 */
int pg_name(const char *where, struct buf *shown, struct buf *identity,
    bool *whole, char why[DB_WHY_SIZE]);

/*
 * Puts libpq's reason for not taking a connection string into `why`, without
 * what stands in quotes: it may be part of a password.
 */
void pg_name_refused(char why[DB_WHY_SIZE], const char *reason);

#endif
