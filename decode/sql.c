/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "cascade.h"
#include "literal.h"
#include "log.h"
#include "sql.h"

/*
 * Adds texts up to a NULL.  The catalogue's names can stand in quotes as they
 * are.  (printf would take a tenth of the program's time.)
 */
static void __attribute__((sentinel)) add(struct buf *out, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, out);
	while ((text = va_arg(ap, const char *)) != NULL)
		buf_puts(out, text);
	va_end(ap);
}

static void
add_literal(struct buf *out, const struct sql_row *row, size_t column)
{
	size_t start = column > 0 ? row->end[column - 1] : 0;

	buf_add(out, row->text.p + start, row->end[column] - start);
}

static void
add_columns(struct buf *out, const struct table *t, bool keys_only)
{
	const char *comma = "";

	buf_putc(out, '(');
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key || !keys_only) {
			add(out, comma, "\"", t->column[i].name, "\"", NULL);
			comma = ",";
		}
	buf_putc(out, ')');
}

/* (COALESCE(x."updated_at",x."event_at"),x."event_at") */
static void
add_stamps(struct buf *out, const struct table *t, const char *row)
{
	if (t->versioned)
		add(out, "(COALESCE(", row, ".\"updated_at\",", row,
		    ".\"event_at\"),", row, ".\"event_at\")", NULL);
	else
		add(out, row, ".\"event_at\"", NULL);
}

static void
add_on_conflict(struct buf *out, const struct table *t)
{
	const char *comma = "";
	struct buf own = {0};

	buf_puts(out, " ON CONFLICT ");
	add_columns(out, t, true);
	buf_puts(out, " DO UPDATE SET ");
	for (size_t i = 0; i < t->ncolumns; i++)
		if (!t->column[i].key) {
			add(out, comma, "\"", t->column[i].name,
			    "\"=excluded.\"", t->column[i].name, "\"", NULL);
			comma = ",";
		}
	if (t->kind != TABLE_FACT) {
		add(&own, "\"", t->name, "\"", NULL);
		buf_puts(out, " WHERE ");
		add_stamps(out, t, "excluded");
		buf_puts(out, ">=");
		add_stamps(out, t, buf_str(&own));
		buf_free(&own);
	}
	buf_puts(out, ";\n");
}

/* Where the table has the column; 0 in a SYSTEM table, which may not. */
static size_t
place(const struct table *t, const char *name)
{
	const struct column *c = table_column(t, name);

	return c != NULL ? (size_t)(c - t->column) : 0;
}

void
sql_table_init(struct sql_table *s, const struct table *t)
{
	if (t->ncolumns > SQL_MAX_COLUMNS)
		log_errx(1, "catalogue: %s has more columns than %d", t->name,
		    SQL_MAX_COLUMNS);
	*s = (struct sql_table){.table = t,
	    .event_id = place(t, "event_id"),
	    .event_at = place(t, "event_at"),
	    .updated_at = place(t, "updated_at")};
	add(&s->insert, "INSERT INTO \"", t->name, "\" ", NULL);
	add_columns(&s->insert, t, false);
	add_on_conflict(&s->upsert, t);
}

void
sql_table_release(struct sql_table *s)
{
	buf_free(&s->insert);
	buf_free(&s->upsert);
}

static void
add_values(struct buf *out, const struct sql_row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		add_literal(out, row, i);
	}
}

/* ,'session_01','': the key's literals, as a tombstone has them. */
static void
add_key(struct buf *out, const struct table *t, const struct sql_row *row)
{
	size_t parts = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_putc(out, ',');
			add_literal(out, row, i);
			parts++;
		}
	if (parts == 1)
		buf_puts(out, ",''");
}

/*
 * "object"='session' AND "id"='session_01': a tombstone's or an orphan's. Where
 * a key has one part, so do all of its kind: sub_id need not be looked at.
 */
static void
add_is_key(struct buf *out, const struct table *t, const struct sql_row *row)
{
	const char *part = "id";

	add(out, "\"object\"='", t->name, "'", NULL);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			add(out, " AND \"", part, "\"=", NULL);
			add_literal(out, row, i);
			part = "sub_id";
		}
}

/* The object's own; where keys come back, only one later than the event. */
static void
add_not_deleted(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	buf_puts(out, "NOT EXISTS (SELECT \"id\" FROM \"tombstone\" WHERE ");
	add_is_key(out, s->table, row);
	if (s->table->kind == TABLE_REUSED) {
		buf_puts(out, " AND \"event_at\">");
		add_literal(out, row, s->event_at);
	}
	buf_putc(out, ')');
}

/* updated_at, or event_at for want of one: what an orphan is compared by. */
static void
add_stamp(struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	size_t stamp = s->updated_at;

	if (!s->table->versioned ||
	    memcmp(row->text.p + row->end[stamp - 1], "NULL", 4) == 0)
		stamp = s->event_at;
	add_literal(out, row, stamp);
}

/* Adds for each parent: there is its tombstone, or it is an orphan itself. */
static void
add_parents_gone(struct buf *out, const struct table *t,
    const struct sql_row *row, const char *exists)
{
	static const char *const from[] = {"tombstone", "orphan"};

	for (size_t i = 0; i < t->nparents; i++) {
		const struct parent *p = &t->parent[i];
		size_t n = p->table->nparents > 0 ? 2 : 1;

		for (size_t j = 0; j < n; j++) {
			add(out, exists, " (SELECT \"id\" FROM \"", from[j],
			    "\" WHERE \"object\"='", p->name,
			    "' AND \"id\"=", NULL);
			add_literal(out, row, (size_t)(p->column - t->column));
			buf_putc(out, ')');
		}
	}
}

/*  WHERE "id"='session_01' */
static void
add_where_key(struct buf *out, const struct table *t, const struct sql_row *row)
{
	const char *sep = " WHERE \"";

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			add(out, sep, t->column[i].name, "\"=", NULL);
			add_literal(out, row, i);
			sep = " AND \"";
		}
}

/* DELETE FROM "session" WHERE "id"='session_01', or a SELECT likewise. */
static void
add_from(struct buf *out, const char *verb, const struct table *t,
    const struct sql_row *row)
{
	add(out, verb, " FROM \"", t->name, "\"", NULL);
	add_where_key(out, t, row);
}

/* ("updated_at","event_at")>(the row's), by these names. */
static void
add_is_newer(struct buf *out, const char *columns, const struct sql_table *s,
    const struct sql_row *row)
{
	add(out, " AND (", columns, ",\"event_at\")>(", NULL);
	add_stamp(out, s, row);
	buf_putc(out, ',');
	add_literal(out, row, s->event_at);
	buf_putc(out, ')');
}

/*
 * After an upsert: if a parent is gone, that this event had named it; or else,
 * if the object was an orphan, that it may be back; not if a newer event has
 * won. wos-apply sees to either, and to orphans that have a tombstone: looking
 * for it here would cost nearly all for the sake of a few.
 */
static void
add_note(struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	add(out, ORPHAN_INSERT "SELECT '", s->table->name, "'", NULL);
	add_key(out, s->table, row);
	buf_putc(out, ',');
	add_literal(out, row, s->event_id);
	buf_putc(out, ',');
	add_literal(out, row, s->event_at);
	buf_putc(out, ',');
	add_stamp(out, s, row);
	buf_puts(out, ",'settle'" ORPHAN_NOTE);
	add_is_key(out, s->table, row);
	buf_putc(out, ')');
	add_parents_gone(out, s->table, row, " OR EXISTS");
	buf_puts(out, ") AND NOT EXISTS (");
	add_from(out, "SELECT \"event_at\"", s->table, row);
	add_is_newer(out, cascade_stamp(s->table), s, row);
	buf_puts(out, ")" ORPHAN_NEWEST);
}

/* A key that is used again may by now be that of a newer row. */
static void
end_removal(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	if (s->table->kind == TABLE_REUSED) {
		buf_puts(out, " AND \"event_at\"<=");
		add_literal(out, row, s->event_at);
	}
	buf_puts(out, ";\n");
}

/* What is deleted is no orphan, whatever its parents are. */
static void
add_orphan_removal(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	buf_puts(out, "DELETE FROM \"orphan\" WHERE ");
	add_is_key(out, s->table, row);
	end_removal(out, s, row);
}

/* The row, if the event or the item that it is of wins. */
static void
add_upsert(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	buf_add(out, s->insert.p, s->insert.len);
	buf_puts(out, " SELECT ");
	add_values(out, row);
	buf_puts(out, " WHERE ");
	add_not_deleted(out, s, row);
	if (s->table->nparents > 0) {
		buf_puts(out,
		    " AND NOT EXISTS (SELECT \"id\" FROM \"orphan\" WHERE ");
		add_is_key(out, s->table, row);
		add_is_newer(out, "\"updated_at\"", s, row);
		buf_putc(out, ')');
	}
	add_parents_gone(out, s->table, row, " AND NOT EXISTS");
	buf_add(out, s->upsert.p, s->upsert.len);
	if (s->table->nparents > 0)
		add_note(out, s, row);
}

/* "updated_at" or, for want of one, "event_at": of the row that is there. */
static void
add_row_stamp(struct buf *out, const struct table *t)
{
	buf_puts(out, t->versioned ? "COALESCE(\"updated_at\",\"event_at\")"
				   : "\"event_at\"");
}

/* Of the columns that lists lack: was the event before that filled them? */
static void
add_fills(struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	buf_puts(out, " AND (COALESCE(\"filled_updated_at\",0),"
		      "COALESCE(\"filled_at\",0))<=(");
	add_stamp(out, s, row);
	buf_putc(out, ',');
	add_literal(out, row, s->event_at);
	buf_putc(out, ')');
}

/*
 * After an event's upsert: if an item has won, the columns that no item has are
 * the event's all the same, unless they are a newer one's.
 */
static void
add_filling(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	const struct table *t = s->table;
	const char *sep = "\" SET \"";

	add(out, "UPDATE \"", t->name, NULL);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (table_column(s->item->table, t->column[i].name) == NULL) {
			add(out, sep, t->column[i].name, "\"=", NULL);
			add_literal(out, row, i);
			sep = ",\"";
		}
	add_where_key(out, t, row);
	buf_puts(out, " AND COALESCE(\"event_id\",'')='' AND EXISTS ("
		      "SELECT \"id\" FROM \"listed_object\" WHERE ");
	add_is_key(out, t, row);
	add_fills(out, s, row);
	buf_puts(out, ");\nUPDATE \"listed_object\" SET "
		      "\"filled_updated_at\"=");
	add_stamp(out, s, row);
	buf_puts(out, ",\"filled_at\"=");
	add_literal(out, row, s->event_at);
	buf_puts(out, " WHERE ");
	add_is_key(out, t, row);
	add_fills(out, s, row);
	buf_puts(out, ";\n");
}

void
sql_upsert(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	add_upsert(out, s, row);
	if (s->item != NULL)
		add_filling(out, s, row);
}

void
sql_insert(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	buf_add(out, s->insert.p, s->insert.len);
	buf_puts(out, " VALUES (");
	add_values(out, row);
	buf_putc(out, ')');
	buf_add(out, s->upsert.p, s->upsert.len);
}

static void
add_tombstone(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	add(out,
	    "INSERT INTO \"tombstone\" "
	    "(\"object\",\"id\",\"sub_id\",\"event_id\",\"event_at\")"
	    " VALUES ('",
	    s->table->name, "'", NULL);
	add_key(out, s->table, row);
	buf_putc(out, ',');
	add_literal(out, row, s->event_id);
	buf_putc(out, ',');
	add_literal(out, row, s->event_at);
	buf_puts(out,
	    ") ON CONFLICT (\"object\",\"id\",\"sub_id\") DO UPDATE SET "
	    "\"event_id\"=excluded.\"event_id\","
	    "\"event_at\"=excluded.\"event_at\" WHERE "
	    "excluded.\"event_at\">=\"tombstone\".\"event_at\";\n");
}

static void
add_removal(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	add_from(out, "DELETE", s->table, row);
	end_removal(out, s, row);
}

void
sql_delete(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	add_tombstone(out, s, row);
	add_removal(out, s, row);
	if (s->table->nparents > 0)
		add_orphan_removal(out, s, row);
	cascade_delete(out, s->table, row->text.p, row->end[0]);
}

/*
 * Before an item's upsert: if the row is an event's, so are the columns that no
 * item has, whether it wins or not.
 */
static void
add_filled(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	const struct table *t = s->table;

	buf_puts(out, "UPDATE \"listed_object\" SET "
		      "\"filled_updated_at\"=(SELECT ");
	add_row_stamp(out, t);
	add_from(out, "", t, row);
	buf_puts(out, "),\"filled_at\"=(");
	add_from(out, "SELECT \"event_at\"", t, row);
	buf_puts(out, ") WHERE ");
	add_is_key(out, t, row);
	buf_puts(out, " AND EXISTS (");
	add_from(out, "SELECT \"event_at\"", t, row);
	buf_puts(out, " AND \"event_id\"<>'');\n");
}

void
sql_item(struct buf *out, const struct sql_table *s, const struct sql_row *row,
    const char *line, size_t len)
{
	const struct sql_table *item = s->item != NULL ? s->item : s;

	add(out,
	    "INSERT INTO \"listed_object\" (\"object\",\"id\",\"sub_id\","
	    "\"listed_at\",\"payload\") VALUES ('",
	    s->table->name, "'", NULL);
	add_key(out, item->table, row);
	buf_putc(out, ',');
	add_literal(out, row, item->event_at);
	buf_putc(out, ',');
	literal_line(out, line, len);
	buf_puts(out,
	    ") ON CONFLICT (\"object\",\"id\",\"sub_id\") DO UPDATE SET "
	    "\"listed_at\"=excluded.\"listed_at\","
	    "\"payload\"=excluded.\"payload\" WHERE "
	    "excluded.\"listed_at\">=\"listed_object\".\"listed_at\";\n");
	if (s->item != NULL)
		add_filled(out, item, row);
	add_upsert(out, item, row);
}

void
sql_list(struct buf *out, const struct table *t, struct jsonspan parent,
    int64_t listed_at, int64_t count, struct jsonspan line)
{
	add(out,
	    "INSERT INTO \"listed\" (\"object\",\"parent\",\"listed_at\","
	    "\"count\",\"payload\") VALUES ('",
	    t->name, "',", NULL);
	literal_text(out, parent.p, parent.len);
	buf_putc(out, ',');
	literal_int(out, listed_at);
	buf_putc(out, ',');
	literal_int(out, count);
	buf_putc(out, ',');
	literal_line(out, line.p, line.len);
	buf_puts(out, ") ON CONFLICT (\"object\",\"parent\") DO UPDATE SET "
		      "\"listed_at\"=excluded.\"listed_at\","
		      "\"count\"=excluded.\"count\","
		      "\"payload\"=excluded.\"payload\" WHERE "
		      "excluded.\"listed_at\">=\"listed\".\"listed_at\";\n");
}
