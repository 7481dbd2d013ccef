/* SPDX-License-Identifier: MIT */
#ifndef WOS_TAIL_H
#define WOS_TAIL_H

#include "options.h"

/*
 * Records, if there is such a cursor, that at this time (Unix milliseconds)
 * nothing came after it: in the caller's transaction.
 */
enum db_result tail_note(struct db *db, const char *cursor, int64_t ms);

/* The same by the command line; and that events may be missing. */
enum db_result tail_record(struct db *db, const struct options *o);
enum db_result tail_record_gap(struct db *db, const struct options *o);

#endif
