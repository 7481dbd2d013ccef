/* SPDX-License-Identifier: MIT */
#ifndef WOS_TEMPLATE_H
#define WOS_TEMPLATE_H

#include "sql.h"

/*
 * Makes templates: statements with holes where a row's literals go.
 */

/* The hole of a row's stamp: updated_at, or event_at for want of one. */
#define TEMPLATE_STAMP SQL_MAX_COLUMNS

/* Adds texts up to a NULL.  The catalogue's names can stand in quotes. */
void template_add(struct sql_template *to, ...) __attribute__((sentinel));

/* Adds a hole for the literal of a column, by its place, or for the stamp. */
void template_hole(struct sql_template *to, size_t column);

/* ,'session_01','': the key, as a tombstone has it. */
void template_key(struct sql_template *to, const struct table *t);

/*
 * "object"='session' AND "id"='session_01': a tombstone's or an orphan's. Where
 * a key has one part, so do all of its kind: sub_id need not be looked at.
 */
void template_is_key(struct sql_template *to, const struct table *t);

/* WHERE "id"='session_01', behind a blank. */
void template_where_key(struct sql_template *to, const struct table *t);

/* DELETE FROM "session" WHERE "id"='session_01', or a SELECT likewise. */
void template_from(
    struct sql_template *to, const char *verb, const struct table *t);

/* Adds the template with the row's literals in its holes. */
void template_fill(struct buf *out, const struct sql_template *t,
    const struct sql_table *s, const struct sql_row *row);

void template_release(struct sql_template *t);

/* What an event's upsert and an item's have in common; sql.c makes it. */
void upsert_make(struct sql_template *to, const struct sql_table *s);

/*
 * What follows an event's upsert, if an item has won: the columns that no item
 * has are the event's all the same, unless they are a newer one's.  sql_item.c
 * makes it.
 */
void upsert_add_filling(struct sql_template *to, const struct sql_table *s);

#endif
