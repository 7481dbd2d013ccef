/* SPDX-License-Identifier: MIT */
#ifndef WOS_VIEW_H
#define WOS_VIEW_H

#include <stdint.h>

#include "buf.h"
#include "catalogue.h"
#include "ddl.h"

/*
 * The views of tables that have one, for those who read the database: a name
 * that is no word of SQL, times as the database's own (timestamptz, or text as
 * in 2026-11-28T12:00:00.000Z), and what is joined.  Rows that were deleted,
 * and those that went with a parent, are not in the tables, and so not here;
 * what is joined is NULL while it is not known.
 */

/*
 * What tells a view of ours from an owner's, and whether it is as the catalogue
 * has it: a comment within the view's text, which SQLite keeps.  Columns are
 * only ever added, so their number says how new it is.  VIEW_FORM, which goes
 * before it as thousands, is to be raised when views change in another way.
 */
#define VIEW_MARK "/* wos "
#define VIEW_FORM 2
int view_version(const struct table *t);

/*
 * How the comment of a view of ours ends in PostgreSQL, which keeps no text;
 * and what DDL_LOCK's ends with while all views and comments are the
 * catalogue's.
 */
#define VIEW_MADE "Made by wos."
#define VIEW_HASH_SIZE sizeof "01234567"
void view_hash_all(char hash[VIEW_HASH_SIZE]);

/* CREATE VIEW; in PostgreSQL CREATE OR REPLACE VIEW, and its comment. */
void view_create(struct buf *out, const struct table *t, enum dialect in);

/* COMMENT ON, for all tables and columns, and last for DDL_LOCK. */
void view_comments(struct buf *out);

/* All views, as `wos-apply --schema` prints them, and in PostgreSQL comments.
 */
void view_schema(struct buf *out, enum dialect in);

#endif
