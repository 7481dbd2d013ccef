/* SPDX-License-Identifier: MIT */
#ifndef WOS_TEMPLATE_H
#define WOS_TEMPLATE_H

#include <stddef.h>

#include "buf.h"
#include "catalogue.h"

/* The most columns a table of the catalogue may have. */
#define SQL_MAX_COLUMNS 48

/* The literals of a row, in the order of the table's columns. */
struct sql_row {
	struct buf text;             /* one after the other */
	size_t end[SQL_MAX_COLUMNS]; /* where in text each of them ends */
	size_t n;
};

/* Statements with holes where a row's literals go. */
struct sql_template {
	struct buf text;
	struct buf holes; /* an array; see template.c */
};

/* The statements about a table, each made once, if at all. */
struct sql_table {
	const struct table *table;
	size_t event_id, event_at, updated_at; /* places of these columns */
	struct sql_template upsert, insert, remove, item;
	/* Of a table as events have it, the same as items do, or reversed. */
	const struct table *other;
};

/* The hole of a row's stamp: updated_at, or event_at for want of one. */
#define TEMPLATE_STAMP SQL_MAX_COLUMNS

/* Adds texts up to a NULL.  The catalogue's names can stand in quotes. */
void template_add(struct sql_template *to, ...) __attribute__((sentinel));

/* Adds a hole for the literal of a column, by its place, or for the stamp. */
void template_hole(struct sql_template *to, size_t column);

/* (1764600000000,1764600000000): the row's stamp and its event_at. */
void template_stamps(struct sql_template *to, const struct sql_table *s);

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

#endif
