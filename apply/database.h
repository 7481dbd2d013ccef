/* SPDX-License-Identifier: MIT */
#ifndef WOS_DATABASE_H
#define WOS_DATABASE_H

#include "name.h"
#include "options.h"

/* The database that the command line names. */

/*
 * Finds out what it is and what to call it, which stays in *name.  Ends the
 * program with STATUS_USAGE if it can be none.
 */
void database_name(struct options *o, struct name *name);

/*
 * Gives up what neither it nor the files behind it need; for those who open it
 * themselves, before they do so.
 */
void database_confine(const struct options *o);

/*
 * Opens it, for db_close; NULL if it is not there and was only to be read.
 * Ends the program if it can't be opened, or is not there to be changed.
 */
struct db *database_open(const struct options *o, enum db_mode mode);

/*
 * The same of one that is to be changed, with the change feed that the command
 * line asks for, if it does.  Where the feed is at its end, database_end finds
 * what was not told, and says so: it returns the status to exit with then, or
 * the one that it is given.
 */
struct db *database_open_feed(const struct options *o, enum db_mode mode);
int database_end(struct db *db, const struct options *o, int status);

/* Ends the program if a table of the catalogue has a row. */
void database_check_empty(struct db *db, const struct options *o);

/*
 * Opens it for a dry run, which tells on standard output what would change and
 * takes it back.  Ends the program if it can't be opened, or if that can't be
 * known.
 */
struct db *database_open_dry(const struct options *o);

#endif
