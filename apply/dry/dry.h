/* SPDX-License-Identifier: MIT */
#ifndef WOS_DRY_H
#define WOS_DRY_H

#include <stdbool.h>
#include <stdio.h>

#include "buf.h"
#include "db.h"

/*
 * Adds the names of tables on which the database's owner has triggers, rules,
 * cascades or deferred constraints: what these do, nobody can tell in advance.
 * Returns DB_OK, or why not with the reason in inner->why.
 */
enum db_result dry_owners(struct db *inner, struct buf *tables);

/*
 * A dry run: a database that passes everything on to another, tells on `out`
 * what each statement of the stream changes, row by row, and takes it all back
 * when it is closed.  Nobody who uses it needs to know.
 *
 *	+ user "user_01" email="ada@example.com" ...	a row that would be new
 *	~ user "user_01" email="ada@example.com"->...	one that would change
 *	- user "user_01"				one that would go
 *	? "UPDATE ..."			rows that can't be told
 *
 * or, with `json`, an object a line.  What belongs to an event is told when
 * the event is whole, and if it is parked, only that.
 *
 * With `verifies`, what the stream of lists says is compared with the rows: see
 * verify.h.
 *
 * Begins a transaction in `inner`, which it takes over; db_close ends both.
 * Returns DB_OK with *db, or why not with the reason in inner->why.
 */
enum db_result dry_open(
    struct db *inner, FILE *out, bool json, bool verifies, struct db **db);

/* Prints what a comparison came to, once the whole stream was applied. */
void dry_totals(struct db *db);

#endif
