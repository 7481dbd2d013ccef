/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_SCRUB_H
#define WOS_PG_SCRUB_H

#include "pg_answer.h"

/*
 * Has the server make these tables anew, so that none of their files has a row
 * that is gone; and what it knows of the values in them, where this role may.
 * Outside of a pipeline and of a transaction.  Each table is locked while it is
 * made; for that, and for transactions that may still see such a row, others are
 * waited for as long as --busy-timeout says.
 */
struct pg_answer pg_scrub(PGconn *conn, const char *const *table, size_t n);

#endif
