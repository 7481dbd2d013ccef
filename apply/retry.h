#ifndef WOS_RETRY_H
#define WOS_RETRY_H

#include <stddef.h>

#include "db.h"

/*
 * Takes what is parked in the database, which messages call `where`, through
 * again: lines through wos-decode, which is looked for beside `self`, the name
 * that this program was called by, and then on PATH; groups as they are.  What
 * is applied now is parked no more; what is refused again stays, with its new
 * reason.  No cursor moves.  Returns the status to exit with, after the reason
 * has been printed.
 */
int retry_parked(
    struct db *db, const char *where, const char *self, size_t batch);

#endif
