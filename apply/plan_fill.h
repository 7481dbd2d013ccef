/* SPDX-License-Identifier: MIT */
#ifndef WOS_PLAN_FILL_H
#define WOS_PLAN_FILL_H

#include "options.h"
#include "scope.h"

/* What a plan is made of. */
struct plan {
	const struct options *o;
	struct db *db;
	struct terms terms;
	struct scope scope;
	int64_t known; /* everything had been seen up to then, or -1 */
	bool stray;    /* is its event not in the ledger? */
	bool quiet;    /* its event is old, yet none came after it */
	bool late;     /* what came after it may be forgotten, too */
	char type[NAME_MOST + 1]; /* of the cursor's event, "" if not known */
	bool names_organization;  /* that event has its id somewhere */
};

/*
 * Prints which types are to be fetched up to the cursor first, and which the
 * API has refused so lately that they are not to be asked for; says why on
 * stderr.
 */
void plan_fill(const struct plan *p);

#endif
