/* SPDX-License-Identifier: MIT */
#ifndef WOS_EXPORT_H
#define WOS_EXPORT_H

#include <stdio.h>

#include "options.h"

/*
 * Prints the lines of lists, and the ledger's in the order in which their
 * events were applied: the archive that the database itself is.  A line of
 * another system's ledger that has newlines in it is written without
 * insignificant white space, and what it has that is no event's line is left
 * out, with one line that says so.
 */
enum db_result export_print(struct db *db, const struct options *o);

/*
 * Writes the lines of orphans' events and items that are to be decoded again to
 * `out`, in the same way.
 */
enum db_result export_orphans(struct db *db, FILE *out);

#endif
