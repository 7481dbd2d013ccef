/* SPDX-License-Identifier: MIT */
#ifndef WOS_PREPARED_H
#define WOS_PREPARED_H

#include <stddef.h>

#include "db.h"

/* What an end has prepared, by the query.  Zero-initialise it, release it. */
struct prepared {
	struct prepared_slot {
		const struct query *query; /* NULL: free */
		void *kept;
	} * slot;
	size_t n, cap; /* a power of two, or 0 */
};

/* What is kept of the query, or NULL. */
void *prepared_find(const struct prepared *p, const struct query *q);

/* Keeps something of a query of which nothing is kept yet. */
void prepared_add(struct prepared *p, const struct query *q, void *kept);

/* Keeps it no more.  Returns what was kept, or NULL. */
void *prepared_remove(struct prepared *p, const struct query *q);

void prepared_release(struct prepared *p);

#endif
