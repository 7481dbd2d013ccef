/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "cascade.h"
#include "literal.h"
#include "log.h"
#include "sql.h"

/* Where a template lacks a literal: a column's, or the row's stamp. */
struct hole {
	size_t at;
	size_t column;
};

#define STAMP SQL_MAX_COLUMNS

/* Adds texts up to a NULL.  The catalogue's names can stand in quotes. */
static void __attribute__((sentinel)) add(struct sql_template *to, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, to);
	while ((text = va_arg(ap, const char *)) != NULL)
		buf_puts(&to->text, text);
	va_end(ap);
}

static void
add_hole(struct sql_template *to, size_t column)
{
	struct hole h = {to->text.len, column};

	buf_add(&to->holes, &h, sizeof h);
}

static void
add_columns(struct sql_template *to, const struct table *t, bool keys_only)
{
	const char *before = "(\"";

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key || !keys_only) {
			add(to, before, t->column[i].name, "\"", NULL);
			before = ",\"";
		}
	add(to, ")", NULL);
}

/* (COALESCE(x."updated_at",x."event_at"),x."event_at") */
static void
add_stamps(struct sql_template *to, const struct table *t, const char *quote,
    const char *row)
{
	const char *r[] = {quote, row, quote};

	if (t->versioned)
		add(to, "(COALESCE(", r[0], r[1], r[2], ".\"updated_at\",",
		    r[0], r[1], r[2], ".\"event_at\"),", NULL);
	add(to, r[0], r[1], r[2], ".\"event_at\"", t->versioned ? ")" : NULL,
	    NULL);
}

static void
add_on_conflict(struct sql_template *to, const struct table *t)
{
	const char *before = " DO UPDATE SET \"";

	add(to, " ON CONFLICT ", NULL);
	add_columns(to, t, true);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (!t->column[i].key) {
			add(to, before, t->column[i].name, "\"=excluded.\"",
			    t->column[i].name, "\"", NULL);
			before = ",\"";
		}
	if (t->kind != TABLE_FACT) {
		add(to, " WHERE ", NULL);
		add_stamps(to, t, "", "excluded");
		add(to, ">=", NULL);
		add_stamps(to, t, "\"", t->name);
	}
	add(to, ";\n", NULL);
}

/* The holes of all columns. */
static void
add_values(struct sql_template *to, const struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (i > 0)
			add(to, ",", NULL);
		add_hole(to, i);
	}
}

/* ,'session_01','': the key, as a tombstone has it. */
static void
add_key(struct sql_template *to, const struct table *t)
{
	size_t parts = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			add(to, ",", NULL);
			add_hole(to, i);
			parts++;
		}
	if (parts == 1)
		add(to, ",''", NULL);
}

/*
 * "object"='session' AND "id"='session_01': a tombstone's or an orphan's. Where
 * a key has one part, so do all of its kind: sub_id need not be looked at.
 */
static void
add_is_key(struct sql_template *to, const struct table *t)
{
	const char *part = "id";

	add(to, "\"object\"='", t->name, "'", NULL);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			add(to, " AND \"", part, "\"=", NULL);
			add_hole(to, i);
			part = "sub_id";
		}
}

/* The object's own; where keys come back, only one later than the event. */
static void
add_not_deleted(struct sql_template *to, const struct sql_table *s)
{
	add(to, "NOT EXISTS (SELECT \"id\" FROM \"tombstone\" WHERE ", NULL);
	add_is_key(to, s->table);
	if (s->table->kind == TABLE_REUSED) {
		add(to, " AND \"event_at\">", NULL);
		add_hole(to, s->event_at);
	}
	add(to, ")", NULL);
}

/* Adds for each parent: there is its tombstone, or it is an orphan itself. */
static void
add_parents_gone(
    struct sql_template *to, const struct table *t, const char *exists)
{
	static const char *const from[] = {"tombstone", "orphan"};

	for (size_t i = 0; i < t->nparents; i++) {
		const struct parent *p = &t->parent[i];
		size_t n = p->table->nparents > 0 ? 2 : 1;

		for (size_t j = 0; j < n; j++) {
			add(to, exists, " (SELECT \"id\" FROM \"", from[j],
			    "\" WHERE \"object\"='", p->name,
			    "' AND \"id\"=", NULL);
			add_hole(to, (size_t)(p->column - t->column));
			add(to, ")", NULL);
		}
	}
}

/*  WHERE "id"='session_01' */
static void
add_where_key(struct sql_template *to, const struct table *t)
{
	const char *before = " WHERE \"";

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			add(to, before, t->column[i].name, "\"=", NULL);
			add_hole(to, i);
			before = " AND \"";
		}
}

/* DELETE FROM "session" WHERE "id"='session_01', or a SELECT likewise. */
static void
add_from(struct sql_template *to, const char *verb, const struct table *t)
{
	add(to, verb, " FROM \"", t->name, "\"", NULL);
	add_where_key(to, t);
}

/* ("updated_at","event_at")>(the row's), by these names. */
static void
add_is_newer(
    struct sql_template *to, const char *updated_at, const struct sql_table *s)
{
	add(to, " AND (", updated_at, ",\"event_at\")>(", NULL);
	add_hole(to, STAMP);
	add(to, ",", NULL);
	add_hole(to, s->event_at);
	add(to, ")", NULL);
}

/*
 * After an upsert: if a parent is gone, that this event had named it; or else,
 * if the object was an orphan, that it may be back; not if a newer event has
 * won. wos-apply sees to either, and to orphans that have a tombstone: looking
 * for it here would cost nearly all for the sake of a few.
 */
static void
add_note(struct sql_template *to, const struct sql_table *s)
{
	add(to, ORPHAN_INSERT "SELECT '", s->table->name, "'", NULL);
	add_key(to, s->table);
	add(to, ",", NULL);
	add_hole(to, s->event_id);
	add(to, ",", NULL);
	add_hole(to, s->event_at);
	add(to, ",", NULL);
	add_hole(to, STAMP);
	add(to, ",'settle'" ORPHAN_NOTE, NULL);
	add_is_key(to, s->table);
	add(to, ")", NULL);
	add_parents_gone(to, s->table, " OR EXISTS");
	add(to, ") AND NOT EXISTS (", NULL);
	add_from(to, "SELECT \"event_at\"", s->table);
	add_is_newer(to, cascade_stamp(s->table), s);
	add(to, ")" ORPHAN_NEWEST, NULL);
}

static void
make_upsert(struct sql_template *to, const struct sql_table *s)
{
	const struct table *t = s->table;

	add(to, "INSERT INTO \"", t->name, "\" ", NULL);
	add_columns(to, t, false);
	add(to, " SELECT ", NULL);
	add_values(to, t);
	add(to, " WHERE ", NULL);
	add_not_deleted(to, s);
	if (t->nparents > 0) {
		add(to, " AND NOT EXISTS (SELECT \"id\" FROM \"orphan\" WHERE ",
		    NULL);
		add_is_key(to, t);
		add_is_newer(to, "\"updated_at\"", s);
		add(to, ")", NULL);
	}
	add_parents_gone(to, t, " AND NOT EXISTS");
	add_on_conflict(to, t);
	if (t->nparents > 0)
		add_note(to, s);
}

/* Of the columns that lists lack: was it this event, or one before it, at most
 * that has filled them? */
static void
add_fills(struct sql_template *to, const struct sql_table *s)
{
	add(to,
	    " AND (COALESCE(\"filled_updated_at\",0),"
	    "COALESCE(\"filled_at\",0))<=(",
	    NULL);
	add_hole(to, STAMP);
	add(to, ",", NULL);
	add_hole(to, s->event_at);
	add(to, ")", NULL);
}

/*
 * After an event's upsert: if an item has won, the columns that no item has are
 * the event's all the same, unless they are a newer one's.
 */
static void
add_filling(struct sql_template *to, const struct sql_table *s)
{
	const struct table *t = s->table;
	const char *before = "\" SET \"";

	add(to, "UPDATE \"", t->name, NULL);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (table_column(s->other, t->column[i].name) == NULL) {
			add(to, before, t->column[i].name, "\"=", NULL);
			add_hole(to, i);
			before = ",\"";
		}
	add_where_key(to, t);
	add(to,
	    " AND COALESCE(\"event_id\",'')='' AND EXISTS ("
	    "SELECT \"id\" FROM \"listed_object\" WHERE ",
	    NULL);
	add_is_key(to, t);
	add_fills(to, s);
	add(to,
	    ");\nUPDATE \"listed_object\" SET \"filled_updated_at\"=", NULL);
	add_hole(to, STAMP);
	add(to, ",\"filled_at\"=", NULL);
	add_hole(to, s->event_at);
	add(to, " WHERE ", NULL);
	add_is_key(to, t);
	add_fills(to, s);
	add(to, ";\n", NULL);
}

/*
 * Before an item's upsert: if the row is an event's, so are the columns that no
 * item has, whether it wins or not.
 */
static void
add_filled(struct sql_template *to, const struct table *t)
{
	add(to, "UPDATE \"listed_object\" SET \"filled_updated_at\"=(SELECT ",
	    t->versioned ? "COALESCE(\"updated_at\",\"event_at\")"
			 : "\"event_at\"",
	    NULL);
	add_from(to, "", t);
	add(to, "),\"filled_at\"=(", NULL);
	add_from(to, "SELECT \"event_at\"", t);
	add(to, ") WHERE ", NULL);
	add_is_key(to, t);
	add(to, " AND EXISTS (", NULL);
	add_from(to, "SELECT \"event_at\"", t);
	add(to, " AND \"event_id\"<>'');\n", NULL);
}

/* The item's line has its hole behind those of the columns. */
static void
make_item(struct sql_template *to, const struct sql_table *s)
{
	const struct table *t = s->table;

	add(to,
	    "INSERT INTO \"listed_object\" (\"object\",\"id\",\"sub_id\","
	    "\"listed_at\",\"payload\") VALUES ('",
	    t->name, "'", NULL);
	add_key(to, t);
	add(to, ",", NULL);
	add_hole(to, s->event_at);
	add(to, ",", NULL);
	add_hole(to, t->ncolumns);
	add(to,
	    ") ON CONFLICT (\"object\",\"id\",\"sub_id\") DO UPDATE SET "
	    "\"listed_at\"=excluded.\"listed_at\","
	    "\"payload\"=excluded.\"payload\" WHERE "
	    "excluded.\"listed_at\">=\"listed_object\".\"listed_at\";\n",
	    NULL);
	if (t->ncolumns < s->other->ncolumns)
		add_filled(to, t);
	make_upsert(to, s);
}

static void
make_insert(struct sql_template *to, const struct sql_table *s)
{
	add(to, "INSERT INTO \"", s->table->name, "\" ", NULL);
	add_columns(to, s->table, false);
	add(to, " VALUES (", NULL);
	add_values(to, s->table);
	add(to, ")", NULL);
	add_on_conflict(to, s->table);
}

static void
add_tombstone(struct sql_template *to, const struct sql_table *s)
{
	add(to,
	    "INSERT INTO \"tombstone\" "
	    "(\"object\",\"id\",\"sub_id\",\"event_id\",\"event_at\")"
	    " VALUES ('",
	    s->table->name, "'", NULL);
	add_key(to, s->table);
	add(to, ",", NULL);
	add_hole(to, s->event_id);
	add(to, ",", NULL);
	add_hole(to, s->event_at);
	add(to,
	    ") ON CONFLICT (\"object\",\"id\",\"sub_id\") DO UPDATE SET "
	    "\"event_id\"=excluded.\"event_id\","
	    "\"event_at\"=excluded.\"event_at\" WHERE "
	    "excluded.\"event_at\">=\"tombstone\".\"event_at\";\n",
	    NULL);
}

/* A key that is used again may by now be that of a newer row. */
static void
end_removal(struct sql_template *to, const struct sql_table *s)
{
	if (s->table->kind == TABLE_REUSED) {
		add(to, " AND \"event_at\"<=", NULL);
		add_hole(to, s->event_at);
	}
	add(to, ";\n", NULL);
}

/* What descends from the row.  A NUL, which no name has, stands for its id. */
static void
add_cascade(struct sql_template *to, const struct table *t)
{
	struct buf sql = {0};
	const char *p, *end, *id;

	cascade_delete(&sql, t, "", 1);
	for (p = sql.p, end = p + sql.len; p < end; p = id + 1) {
		if ((id = memchr(p, '\0', (size_t)(end - p))) == NULL)
			id = end;
		buf_add(&to->text, p, (size_t)(id - p));
		if (id < end)
			add_hole(to, 0);
	}
	buf_free(&sql);
}

/* What is deleted is no orphan, whatever its parents are. */
static void
make_remove(struct sql_template *to, const struct sql_table *s)
{
	add_tombstone(to, s);
	add_from(to, "DELETE", s->table);
	end_removal(to, s);
	if (s->table->nparents > 0) {
		add(to, "DELETE FROM \"orphan\" WHERE ", NULL);
		add_is_key(to, s->table);
		end_removal(to, s);
	}
	add_cascade(to, s->table);
}

/* Where the table has the column; 0 in a SYSTEM table, which may not. */
static size_t
place(const struct table *t, const char *name)
{
	const struct column *c = table_column(t, name);

	return c != NULL ? (size_t)(c - t->column) : 0;
}

void
sql_table_init(
    struct sql_table *s, const struct table *t, const struct table *other)
{
	if (t->ncolumns >= SQL_MAX_COLUMNS) /* a line may come behind them */
		log_errx(1, "catalogue: %s has %d columns or more", t->name,
		    SQL_MAX_COLUMNS);
	*s = (struct sql_table){.table = t,
	    .other = other,
	    .event_id = place(t, "event_id"),
	    .event_at = place(t, "event_at"),
	    .updated_at = place(t, "updated_at")};
}

static void
template_release(struct sql_template *t)
{
	buf_free(&t->text);
	buf_free(&t->holes);
}

void
sql_table_release(struct sql_table *s)
{
	template_release(&s->upsert);
	template_release(&s->insert);
	template_release(&s->remove);
	template_release(&s->item);
}

/* A stamp is updated_at, or event_at for want of one. */
static size_t
stamp_of(const struct sql_table *s, const struct sql_row *row)
{
	size_t start;

	if (!s->table->versioned)
		return s->event_at;
	start = row->end[s->updated_at - 1];
	return memcmp(row->text.p + start, "NULL", 4) == 0 ? s->event_at
							   : s->updated_at;
}

/* Adds the template with the row's literals in its holes. */
static void
fill(struct buf *out, const struct sql_template *t, const struct sql_table *s,
    const struct sql_row *row)
{
	const struct hole *h = (const struct hole *)(const void *)t->holes.p;
	size_t n = t->holes.len / sizeof *h, done = 0, column, start;

	for (; n > 0; n--, h++) {
		column = h->column != STAMP ? h->column : stamp_of(s, row);
		start = column > 0 ? row->end[column - 1] : 0;
		buf_add(out, t->text.p + done, h->at - done);
		buf_add(out, row->text.p + start, row->end[column] - start);
		done = h->at;
	}
	buf_add(out, t->text.p + done, t->text.len - done);
}

void
sql_upsert(struct buf *out, struct sql_table *s, const struct sql_row *row)
{
	if (s->upsert.text.len == 0) {
		make_upsert(&s->upsert, s);
		if (s->other->ncolumns < s->table->ncolumns)
			add_filling(&s->upsert, s);
	}
	fill(out, &s->upsert, s, row);
}

void
sql_insert(struct buf *out, struct sql_table *s, const struct sql_row *row)
{
	if (s->insert.text.len == 0)
		make_insert(&s->insert, s);
	fill(out, &s->insert, s, row);
}

void
sql_delete(struct buf *out, struct sql_table *s, const struct sql_row *row)
{
	if (s->remove.text.len == 0)
		make_remove(&s->remove, s);
	fill(out, &s->remove, s, row);
}

void
sql_item(struct buf *out, struct sql_table *s, struct sql_row *row,
    struct jsonspan line)
{
	if (s->item.text.len == 0)
		make_item(&s->item, s);
	literal_line(&row->text, line.p, line.len);
	row->end[row->n++] = row->text.len;
	fill(out, &s->item, s, row);
}

void
sql_list(struct buf *out, const struct table *t, struct jsonspan parent,
    int64_t listed_at, int64_t count, struct jsonspan line)
{
	buf_printf(out,
	    "INSERT INTO \"listed\" (\"object\",\"parent\",\"listed_at\","
	    "\"count\",\"payload\") VALUES ('%s',",
	    t->name);
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
