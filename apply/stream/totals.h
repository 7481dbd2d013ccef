/* SPDX-License-Identifier: MIT */
#ifndef WOS_TOTALS_H
#define WOS_TOTALS_H

#include <stddef.h>
#include <stdint.h>

/* What has been committed of one stream, or of several. */
struct apply_totals {
	size_t events;   /* groups that are in the database now */
	size_t parked;   /* of these, how many were parked */
	size_t batches;  /* transactions */
	int64_t changed; /* rows */
	size_t told;     /* groups that were said to be parked */
	size_t untold;   /* and those that no more was said of */
	size_t told_to;  /* groups, from the first, up to the last of them */
};

#endif
