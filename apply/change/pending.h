/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHANGE_PENDING_H
#define WOS_CHANGE_PENDING_H

#include <stdint.h>

#include "change/row.h"

/*
 * The rows that an event has changed so far: of one that several of its
 * statements change, what counts is how it was before the first of them and
 * how it is after the last.
 */

/*
 * Rows and bytes that are kept so.  wos-decode writes no event that changes a
 * row twice; of another's that changes more rows than these, one may be told
 * twice, in the order in which it was changed.
 */
#define PENDING_ROWS 4096
#define PENDING_BYTES ((size_t)4 << 20)

struct pending_row {
	const struct table *table;
	struct row old, new;
};

/* Zero-initialise it, free it. */
struct pending {
	struct pending_row row[PENDING_ROWS];
	uint64_t hash[PENDING_ROWS]; /* of table and key */
	size_t n, bytes;
};

/* Adds a row before and after, either of which may be NULL. */
void pending_add(struct pending *p, const struct table *t,
    const struct value *before, const struct value *after);

/* Is there room for no other one? */
bool pending_is_full(const struct pending *p);

/* Gives away those that differ, in their order, and forgets them all. */
typedef void pending_fn(void *arg, const struct table *t,
    const struct value *before, const struct value *after);
void pending_tell(struct pending *p, pending_fn *tell, void *arg);

void pending_forget(struct pending *p);

#endif
