#ifndef WOS_DDL_H
#define WOS_DDL_H

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

/* CREATE INDEX IF NOT EXISTS of the table's i-th index. */
void ddl_index(struct buf *out, const struct table *t, size_t i);

/* The name of that index. */
void ddl_index_name(struct buf *out, const struct table *t, size_t i);

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

/* The whole schema, as `wos-apply --schema` prints it. */
void ddl_schema(struct buf *out, enum dialect in);

#endif
