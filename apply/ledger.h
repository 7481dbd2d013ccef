/* SPDX-License-Identifier: MIT */
#ifndef WOS_LEDGER_H
#define WOS_LEDGER_H

#include <stdint.h>

#include "db.h"

/*
 * Lines that the database has been made from: those of lists that it keeps, and
 * the ledger's in the order in which their events have arrived.
 */

/* Which of them. */
struct extent {
	enum {
		LEDGER_ALL,
		LEDGER_UNTIL,  /* what had happened, by the API's time */
		LEDGER_UP_TO,  /* what had arrived with the event, and before */
		LEDGER_BEYOND, /* and what has come since */
	} which;
	int64_t at;      /* the time, or the event's own, */
	int64_t arrival; /* and the event's place, or INT64_MAX */
};

/* The place of the event.  Sets *found. */
enum db_result ledger_find(
    struct db *db, const char *event_id, struct extent *e, bool *found);

/* Each line without its newline; `whole` if the ledger has an event's there. */
typedef void ledger_fn(void *arg, const char *line, size_t len);

/*
 * Reads the lines of lists, those that say what is gone, and with `ends` those
 * of complete lists.  A list has its time, `listed_at`, and no place among the
 * events.
 */
enum db_result ledger_lists(struct db *db, const struct extent *e, bool ends,
    ledger_fn *take, void *arg);

/*
 * Reads the events' lines.  What of another system's ledger has newlines in it
 * comes without insignificant white space, and what is no event's line is left
 * out, and counted.
 */
enum db_result ledger_events(struct db *db, const struct extent *e,
    ledger_fn *take, void *arg, int64_t *left_out);

/* The same of what a question returns, line and event id. */
enum db_result ledger_ask(struct db *db, const struct query *q, ledger_fn *take,
    void *arg, int64_t *left_out);

#endif
