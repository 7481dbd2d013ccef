/* SPDX-License-Identifier: MIT */
#ifndef WOS_VERIFIED_H
#define WOS_VERIFIED_H

#include "options.h"

/*
 * What wos-verify has found the last time, in the table `verified`: by table,
 * since a run may compare some only.
 */

/* Counts of a table's rows, in the order of their columns. */
enum verified_count {
	VERIFIED_LISTS, /* complete ones */
	VERIFIED_SAME,
	VERIFIED_DIFFERS,
	VERIFIED_MISSING_HERE,
	VERIFIED_MISSING_THERE,
	VERIFIED_ENDED,
	VERIFIED_COUNTS,
};

/* Of one table, or of all of them together. */
struct verified {
	int64_t tried_at;    /* when the newest run began, */
	int64_t verified_at; /* and the newest that came to its end, or -1 */
	int64_t count[VERIFIED_COUNTS]; /* of that */
	int64_t differences;            /* that it has not repaired */
	int64_t repaired;               /* and that it has */
};

/*
 * Notes that the tables which the argument names, with commas between them, are
 * about to be compared; without one, those that are listed usually.  Prints
 * when that was.
 */
enum db_result verified_begin(struct db *db, const struct options *o);

/*
 * Notes what the run that began at the argument's time has found, by lines of
 * standard input: a table and its counts, in their order.  A run that was
 * overtaken by a newer one leaves no trace.
 */
enum db_result verified_end(struct db *db, const struct options *o);

/* Gets each table that was ever compared, by name. */
typedef void verified_fn(
    void *arg, const char *table, const struct verified *v);
enum db_result verified_read(struct db *db, verified_fn *take, void *arg);

/* Has its list to be compared for everything to be compared? */
bool verified_is_usual(const char *table);

/* No list of it came to its end, and none of its rows was in one. */
bool verified_is_unlisted(const struct verified *v);

#endif
