/* SPDX-License-Identifier: MIT */
#ifndef WOS_SAMPLE_H
#define WOS_SAMPLE_H

#include <stdbool.h>

#include "options.h"

/*
 * Prints some of the newest users and organizations, a line each, for wos-fetch
 * --known: the API of another environment knows none of them.
 */
enum db_result sample_print(struct db *db, const struct options *o);

/* The same as options of wos-fetch, each behind a blank. */
enum db_result sample_put_options(struct db *db);

struct sample_found {
	bool objects; /* there are users or organizations, */
	bool any;     /* or at least rows that name one */
};

/* Would it print anything? */
enum db_result sample_find(struct db *db, struct sample_found *found);

#endif
