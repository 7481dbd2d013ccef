/* SPDX-License-Identifier: MIT */
#ifndef WOS_D1_STATEMENT_H
#define WOS_D1_STATEMENT_H

#include "buf.h"
#include "db.h"

/*
 * Adds a statement as the API takes it: {"sql":"... ?1 ...","params":[...]}.
 * Numbers are doubles there, so those that are larger go as texts, which a
 * column for numbers makes numbers again.
 */
void d1_statement(struct buf *out, const char *sql, const struct value *value,
    size_t nvalues);

/* Bytes of a row with these values, each of which is in it once. */
size_t d1_statement_row(const struct value *value, size_t nvalues);

#endif
