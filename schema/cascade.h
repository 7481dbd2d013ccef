/* SPDX-License-Identifier: MIT */
#ifndef WOS_CASCADE_H
#define WOS_CASCADE_H

#include <stddef.h>

#include "buf.h"
#include "catalogue.h"

/*
 * What goes with a parent, as deep as the catalogue's CHILD_OF goes, as SQL for
 * SQLite and PostgreSQL alike.  A row that goes leaves its stamps in `orphan`.
 */

/* Before the values of an orphan, or a SELECT of them, and after it. */
#define ORPHAN_INSERT                                                          \
	"INSERT INTO \"orphan\" (\"object\",\"id\",\"sub_id\",\"event_id\","   \
	"\"event_at\",\"updated_at\",\"todo\") "
#define ORPHAN_NEWEST                                                          \
	" ON CONFLICT (\"object\",\"id\",\"sub_id\") DO UPDATE SET "           \
	"\"event_id\"=excluded.\"event_id\","                                  \
	"\"event_at\"=excluded.\"event_at\","                                  \
	"\"updated_at\"=excluded.\"updated_at\",\"todo\"=excluded.\"todo\" "   \
	"WHERE (excluded.\"updated_at\",excluded.\"event_at\")>="              \
	"(\"orphan\".\"updated_at\",\"orphan\".\"event_at\");\n"

/*
 * What stands for the object's table, which is the sub_id, where the event with
 * these stamps is to fill again the columns that no item has.
 */
#define ORPHAN_REFILL "listed_object"

/* How the values of a note go on, which follows each upsert of a child. */
#define ORPHAN_NOTE " WHERE (EXISTS (SELECT \"id\" FROM \"orphan\" WHERE "

/* What an orphan's updated_at is, of the table's row at hand. */
const char *cascade_stamp(const struct table *t);

/*
 * Adds the statements, a line each, that take along what descends from the
 * parent with this id, the deepest first.  `id` is a literal, the last one of
 * each statement.
 */
void cascade_delete(
    struct buf *out, const struct table *parent, const char *id, size_t len);

/*
 * Adds the statements, a line each, that settle what the stream has left to do:
 * who is an orphan now takes its row and its descendants along, and who is one
 * no more has its children's events marked, to be decoded again.  They look at
 * the orphans that are marked; or with `all`, where removals were put off, at
 * the tombstones and all orphans.
 */
void cascade_settle(struct buf *out, bool all);

/* Adds the statement, on a line, that forgets what has been filled again. */
void cascade_refilled(struct buf *out);

#endif
