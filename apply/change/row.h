/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHANGE_ROW_H
#define WOS_CHANGE_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "catalogue.h"
#include "db.h"

/* A row of a table of the catalogue, copied.  Zero-initialise it, free it. */
struct row {
	bool found;
	struct value *value; /* as many as the table has columns */
	struct buf text;     /* what texts are in */
};

/*
 * Copies a row that a database has returned for the table's columns, in their
 * order; what it has too few of is NULL.
 */
void row_copy(
    struct row *r, const struct table *t, const struct value *value, size_t n);

/* The values, or NULL if no row was found. */
const struct value *row_values(const struct row *r);

void row_free(struct row *r);

/* Is it the same value, to the byte? */
bool value_is(const struct value *a, const struct value *b);

/* Have the two rows the same key, or all columns? */
bool row_has_key(
    const struct table *t, const struct value *a, const struct value *b);
bool row_is_same(
    const struct table *t, const struct value *a, const struct value *b);

/* Adds SELECT, the table's columns in their order, and FROM it. */
void row_select(struct buf *sql, const struct table *t);

/* The same with the condition that it is the row of the key $1, $2 ... */
void row_select_key(struct buf *sql, const struct table *t);

#endif
