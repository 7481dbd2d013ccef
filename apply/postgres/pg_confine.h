/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_CONFINE_H
#define WOS_PG_CONFINE_H

#include "confine/confine.h"

/*
 * db_confine for a server: what libpq reads whenever it connects.  A service
 * file may name others, which are not known here.
 */
void pg_confine(const char *where, struct confine *c);

#endif
