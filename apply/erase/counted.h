/* SPDX-License-Identifier: MIT */
#ifndef WOS_COUNTED_H
#define WOS_COUNTED_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "catalogue.h"
#include "db.h"
#include "forget/erased.h"

/* What has changed, or in a dry run would: rows by table. */
struct counted {
	bool dry;       /* tell of each row on standard output, by its key */
	int64_t *count; /* by the catalogue's table */
	struct erased rows; /* that have been told of */
};

void counted_init(struct counted *t, bool dry);
void counted_release(struct counted *t);

/* Where a table's rows are counted. */
int64_t *counted_at(struct counted *t, const struct table *table);

/*
 * One row changes, of which these are the key; in a dry run it would, whether
 * it was told of before or not.
 */
void counted_row(struct counted *t, const struct table *table,
    const struct value *key, size_t n);

/* "user 1, events_cursor 3", for buf_str, "" if there is nothing; and as JSON.
 */
void counted_all(const struct counted *t, struct buf *text, struct buf *json);

/* A line for each table on standard output. */
void counted_totals(const struct counted *t);

#endif
