/* SPDX-License-Identifier: MIT */
#ifndef WOS_DRY_TELL_H
#define WOS_DRY_TELL_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "catalogue.h"
#include "db.h"

/* Tables; the catalogue has some 60. */
#define TALLY_TABLES_MAX 128

/* Of each table: rows that are the same, and complete lists. */
struct tally {
	uint64_t same[TALLY_TABLES_MAX], lists[TALLY_TABLES_MAX];
};

/* What a dry run has to tell, as lines of text or of JSON: see dry.h. */
struct told {
	struct buf text;
	struct tally tally; /* what is not told but counted, of lists */
	bool json;
	bool compares; /* only columns that lists are to be trusted with */
};

/*
 * Adds a row, before and after; either is NULL if there is none.  tell_row
 * finds the sign.
 */
void tell_row(struct told *told, const struct table *t,
    const struct value *before, const struct value *after);
void tell_signed(struct told *told, char sign, const struct table *t,
    const struct value *before, const struct value *after);

/* Adds a statement of which not all rows can be told. */
void tell_unknown(struct told *told, const char *sql);

/* Are two rows of the table the same, as far as that is told? */
bool row_is(const struct told *told, const struct table *t,
    const struct value *a, const struct value *b);

#endif
