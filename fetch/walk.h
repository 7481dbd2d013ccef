#ifndef WOS_WALK_H
#define WOS_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "events.h"
#include "http.h"
#include "range.h"

struct walk_options {
	const char *after;        /* continue after this event, or NULL */
	int64_t since, until;     /* or TIME_NONE */
	const char *organization; /* or NULL */
	unsigned page_size;
	uint64_t max; /* events to write, or UINT64_MAX */
};

/*
 * Writes the events to standard output, in order.  Names that the API does
 * not take are dropped from `events`.  Returns the program's exit status.
 */
int walk(struct client *c, struct events *events, const struct walk_options *o);

#endif
