/* SPDX-License-Identifier: MIT */
#ifndef WOS_CRAWL_H
#define WOS_CRAWL_H

#include <stdbool.h>

#include "events/filter.h"
#include "http/http.h"
#include "wanted.h"

/*
 * Writes the objects that the API lists as lines, several lists at once: a line
 * names its list, and a complete one ends with a line of its own.  A list whose
 * items others are asked for by keeps their ids in memory, some 30 bytes each:
 * of 2,000 organizations 60 KB, and, where a request is made for each of
 * 100,000 users, 3 MB.  Of pages there is one for each connection.
 *
 * The filter, or NULL, is output_init's.  Returns the program's exit status:
 * STATUS_FAILED also if a list contradicted itself, after all the others.
 */
int crawl(struct client *c, const struct wanted *w, bool progress,
    struct filter *filter);

#endif
