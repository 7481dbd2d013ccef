/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHANGE_LINE_H
#define WOS_CHANGE_LINE_H

#include <stdint.h>

#include "buf.h"
#include "catalogue.h"
#include "db.h"

/* NOTIFY takes fewer bytes than 8,000. */
#define NOTICE_MAX 7999

/* What has made a change; NULL and INT64_MIN: nothing that has one. */
struct cause {
	const char *event_id;
	int64_t at;
};

/*
 * Adds a line about a row that was there before, or NULL, and is after, or
 * NULL, and not the same; or about rows of the table that nobody knows, if
 * both are NULL:
 *
 *	{"table":"user","key":{"id":"user_01"},"op":"update",
 *	"event_id":"event_01","event_at":1767225600000,
 *	"old":{"email":"a@example.com"},"new":{"email":"b@example.com"}}
 *
 * An insert has no old, a delete no new, and neither has what is NULL.
 */
void change_line(struct buf *out, const struct cause *c, const struct table *t,
    const struct value *before, const struct value *after);

/*
 * The same for NOTIFY: where that would be too long, "columns", an array of
 * names, is in the place of old and new, and at last the key is null.
 */
void change_notice(struct buf *out, const struct cause *c,
    const struct table *t, const struct value *before,
    const struct value *after);

/* Adds a value of the column as JSON, by the column's type. */
void change_value(
    struct buf *out, const struct column *c, const struct value *v);

#endif
