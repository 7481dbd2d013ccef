/* SPDX-License-Identifier: MIT */
#ifndef WOS_TOTALS_H
#define WOS_TOTALS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Events in a transaction, unless --batch says otherwise.  A page that several
 * of them change is written once: of test/bench/generate's 200,000 events,
 * with all indexes in place, SQLite has 1.5 GB written to the disk by batches
 * of 1,000, 0.9 GB by 4,000 and 0.7 GB by 8,000, whose text would leave
 * nothing of 64 MiB.
 */
#define BATCH_EVENTS 4000

/* What has been committed of one stream, or of several. */
struct apply_totals {
	size_t events;    /* groups that are in the database now */
	size_t parked;    /* of these, how many were parked */
	size_t batches;   /* transactions */
	int64_t changed;  /* rows */
	int64_t *tables;  /* by the catalogue's table, or NULL: nobody asks */
	size_t logged;    /* groups that were said to be parked */
	size_t unlogged;  /* and those that no more was said of */
	size_t logged_to; /* groups, from the first, up to the last of them */
};

#endif
