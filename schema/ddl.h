/* SPDX-License-Identifier: MIT */
#ifndef WOS_DDL_H
#define WOS_DDL_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "catalogue.h"

enum dialect { DIALECT_SQLITE, DIALECT_POSTGRES };

/*
 * These add DDL to `out`, made from the catalogue.  A mirror keeps no foreign
 * keys: children arrive before parents, and parents leave first.
 */

/* A column's definition: "email" TEXT */
void ddl_column(struct buf *out, const struct column *c, enum dialect in);

/* CREATE TABLE IF NOT EXISTS; `name` is t->name, or that of a copy. */
void ddl_table(
    struct buf *out, const struct table *t, const char *name, enum dialect in);

/* CREATE INDEX IF NOT EXISTS of the table's i-th index, by this name. */
void ddl_index(struct buf *out, const struct table *t, size_t i,
    const char *name, enum dialect in);

/* The name of that index; an owner's index may have it, and then the other. */
void ddl_index_name(
    struct buf *out, const struct table *t, size_t i, enum dialect in);
#define DDL_OTHER_NAME "wos_" /* and the name */

/*
 * Is it an index of texts that may be of any length?  PostgreSQL's usual index
 * takes up to 2704 bytes, so this one is an SP-GiST: it, too, finds what is
 * equal, and is no slower, also where millions of rows have the same value.
 * Keys, and ids of parents, are no longer than wos-decode allows.
 */
bool ddl_index_is_long(const struct table *t, size_t i);

/*
 * What PostgreSQL needs beyond the catalogue.  Its rows are in no order, so
 * the ledger counts its events as they arrive, in a column with an index; and
 * the row that writers lock, so that one of them works at a time, has a table.
 */
#define DDL_ARRIVAL "seq"
#define DDL_ARRIVAL_INDEX "events_cursor_seq_idx"
#define DDL_LOCK "sync_lock"
void ddl_arrival(struct buf *out); /* the column's definition */
void ddl_arrival_index(struct buf *out);
void ddl_lock(struct buf *out);

/* All tables and indexes, as `wos-apply --schema` prints them first. */
void ddl_schema(struct buf *out, enum dialect in);

#endif
