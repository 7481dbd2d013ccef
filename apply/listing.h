/* SPDX-License-Identifier: MIT */
#ifndef WOS_LISTING_H
#define WOS_LISTING_H

#include "options.h"

/*
 * The listing of everything that the API has.  It may take several runs: what
 * has ended meanwhile is in the table `listed`, and that it goes on in
 * `listing`.  The clock that both go by is the API's own.
 */

/*
 * Notes that a listing has begun, unless one goes on.  Prints a line for each
 * list that has ended since: its table and the id of its parent, if it has one.
 */
enum db_result listing_begin(struct db *db, const struct options *o);

/* Notes that there is nothing more to list. */
enum db_result listing_end(struct db *db, const struct options *o);

/* Has one begun that has not come to its end? */
enum db_result listing_goes_on(struct db *db, bool *on);

/* Has nothing ever been listed to its end? */
enum db_result listing_is_first(struct db *db, bool *first);

#endif
