/* SPDX-License-Identifier: MIT */
#ifndef WOS_ROWS_H
#define WOS_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "catalogue.h"

/*
 * How many rows a stream has changed, by table, for those who ask with -v. Each
 * statement counts where rows_at says; all of it is as the batch is: kept when
 * that lands, and taken back with it or with a group.  A span for each event
 * counts for itself: then there is nothing here.
 */
struct rows {
	int64_t *batch,
	    *before; /* by the catalogue's table; NULL: not wanted */
};

void rows_init(struct rows *r, bool wanted);
void rows_release(struct rows *r);

/* Totals, all 0; to be freed. */
int64_t *rows_new(void);

/* Where rows of the table are counted, or NULL if nobody asks. */
int64_t *rows_at(struct rows *r, const struct table *t);

/* A group begins; what it has counted is taken back. */
void rows_mark(struct rows *r);
void rows_undo(struct rows *r);

/* The batch is taken back, */
void rows_clear(struct rows *r);

/* or has landed: adds it to the totals, and returns how many they are. */
int64_t rows_land(struct rows *r, int64_t *total);

/*
 * The totals for people, "user 3, organization 1", and as a JSON object; the
 * ledger, which has a row for each event, is left out.
 */
void rows_tell(const int64_t *total, struct buf *text, struct buf *json);

#endif
