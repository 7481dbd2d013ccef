/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQL_H
#define WOS_SQL_H

#include <stdint.h>

#include "jsontext.h"
#include "template.h"

/*
 * The statements that make a table a function of the set of events:
 *
 * - A row is written whole by the event that wins: the greater (updated_at,
 *   event_at); event_at stands in where there is no updated_at; the later
 *   arrival on a tie.
 * - A delete ignores updated_at.  It leaves a tombstone, which keeps the key
 *   out for ever, and takes what descends from it along.
 * - What goes with a parent, or comes late, leaves an orphan: the stamps of the
 *   event that wins, which named that parent.  It keeps older events out, and
 *   counts as a tombstone for its own children; a newer event that names a
 *   parent which lives brings it back.
 * - What can't be told at the event, wos-apply settles when the stream is
 *   quiet: what an orphan takes along that has come late itself, and the
 *   children of one that is back.  The orphan is marked.
 * - Where keys come back (REUSED in the catalogue) event times alone decide,
 *   between rows, and between a row and a tombstone.
 * - A fact is the same whenever it comes.
 * - An item of a list is an event that happened when it was listed, but it
 *   leaves the columns alone that lists lack: they are those of the event that
 *   would win without it, which listed_object notes where an item has won.
 *
 * They are valid for SQLite 3.35 and for PostgreSQL 12 alike, one a line (but
 * for newlines inside literals).
 */

/* Pairs with sql_table_release. */
void sql_table_init(
    struct sql_table *s, const struct table *t, const struct table *other);
void sql_table_release(struct sql_table *s);

/*
 * These add whole statements to `out`, and make their template when it is first
 * wanted.  Of the row that sql_delete is given only the key, event_id and
 * event_at are looked at.
 */
void sql_upsert(
    struct buf *out, struct sql_table *s, const struct sql_row *row);
void sql_insert(
    struct buf *out, struct sql_table *s, const struct sql_row *row);
void sql_delete(
    struct buf *out, struct sql_table *s, const struct sql_row *row);

/*
 * Adds what an item of a list does, of a table as items have it, and keeps its
 * line.  The row gets the line's literal behind its own.
 */
void sql_item(struct buf *out, struct sql_table *s, struct sql_row *row,
    struct jsonspan line);

/*
 * Adds what a list does that lacks an object, of a table as items have it, if
 * nothing else says that the object is gone: it keeps nothing away.
 */
void sql_forget(
    struct buf *out, struct sql_table *s, const struct sql_row *row);

/* Adds that a list is complete; `parent` is an id or "". */
void sql_list(struct buf *out, const struct table *t, struct jsonspan parent,
    int64_t listed_at, int64_t count, struct jsonspan line);

/* What an event's upsert and an item's have in common. */
void upsert_make(struct sql_template *to, const struct sql_table *s);

/*
 * What follows an event's upsert, if an item has won: the columns that no item
 * has are the event's all the same, unless they are a newer one's.  sql_item.c
 * makes it.
 */
void upsert_add_filling(struct sql_template *to, const struct sql_table *s);

#endif
