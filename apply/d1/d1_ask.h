/* SPDX-License-Identifier: MIT */
#ifndef WOS_D1_ASK_H
#define WOS_D1_ASK_H

#include "d1_api.h"

/*
 * Asks a question; *size becomes the database's, if the answer tells.  One that
 * may return all rows of a table is asked page by page: it ends in ORDER BY
 * with a key of theirs.  Rows that come or go meanwhile may be among them, or
 * not.  *large: the answer would be larger than one may be.  Returns DB_OK, or
 * why not with the reason in `why`; rows before that have been given to `row`
 * then.
 */
enum db_result d1_ask(struct d1_api *api, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg,
    int64_t *size, bool *large, char why[DB_WHY_SIZE]);

#endif
