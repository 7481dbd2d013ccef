/* SPDX-License-Identifier: MIT */
#ifndef WOS_APPLY_H
#define WOS_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "cursor.h"
#include "db.h"
#include "totals.h"

/*
 * Applies the SQL stream that `fd` gives; `name` is for messages.  Each group
 * is applied whole or parked; `batch` of them are a transaction, together
 * with the cursor, which may be NULL.
 *
 * Returns 0 at the end of the stream, or the status to exit with after the
 * reason has been printed: STATUS_FAILED, or STATUS_RETRY if another program
 * holds the database.  Where the stream is at fault, cut short for one, all
 * whole groups before that are applied.  What was added to *totals is
 * committed, nothing after it is in the database, and *cursor is as it was
 * then.
 */
int apply_stream(struct db *db, int fd, const char *name, size_t batch,
    struct cursor *cursor, struct apply_totals *totals);

/* After the last stream: says how many groups were parked without a word. */
void apply_log_rest(const struct apply_totals *totals);

#endif
