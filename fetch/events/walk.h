/* SPDX-License-Identifier: MIT */
#ifndef WOS_WALK_H
#define WOS_WALK_H

#include <stdbool.h>

#include "filter.h"
#include "http/http.h"
#include "terms.h"

/*
 * Writes the events to standard output, in order, or what the filter, unless it
 * is NULL, makes of them.  Names that the API does not take are dropped from
 * `types`.  Returns the program's exit status.
 */
int walk(struct client *c, struct names *types, const struct terms *t,
    bool progress, struct filter *filter);

#endif
