/* SPDX-License-Identifier: MIT */
#ifndef WOS_DRY_CHANGE_H
#define WOS_DRY_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "catalogue.h"
#include "db.h"

/* What a row change is about: the rows of a table that a WHERE finds. */
struct change {
	const struct table *table;
	struct buf where;                   /* the caller's to free */
	struct value value[DB_MAX_COLUMNS]; /* its $1, $2 ... */
	size_t nvalues;
};

/*
 * Reads it off a statement's shape and values: those of an INSERT's key, if it
 * has a single row of plain values, or a DELETE's own WHERE.  *c is all zero
 * before.  Returns false if the rows can't be told in advance.
 */
bool change_read(struct change *c, const char *sql, const struct value *value,
    size_t nvalues);

#endif
