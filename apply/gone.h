/* SPDX-License-Identifier: MIT */
#ifndef WOS_GONE_H
#define WOS_GONE_H

#include <stdint.h>

#include "buf.h"
#include "catalogue.h"
#include "db.h"

/*
 * Adds the line that has wos-decode remove a row which the API has no more: its
 * key is as in an event.  Of the row, only that is looked at.  No newline.
 */
void gone_line(struct buf *out, const struct table *t, const struct value *row,
    int64_t listed_at);

#endif
