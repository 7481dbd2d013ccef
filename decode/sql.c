#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sql.h"

/* Adds `"name"`.  The catalogue's names have nothing in them to escape. */
static void
add_name(struct buf *out, const char *name)
{
	buf_putc(out, '"');
	buf_puts(out, name);
	buf_putc(out, '"');
}

static void
add_literal(struct buf *out, const struct sql_row *row, size_t column)
{
	size_t start = column > 0 ? row->end[column - 1] : 0;

	buf_add(out, row->text.p + start, row->end[column] - start);
}

static void
add_literal_of(struct buf *out, const struct table *t,
    const struct sql_row *row, const struct column *c)
{
	add_literal(out, row, (size_t)(c - t->column));
}

static void
add_columns(struct buf *out, const struct table *t, bool keys_only)
{
	const char *comma = "";

	buf_putc(out, '(');
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key || !keys_only) {
			buf_puts(out, comma);
			add_name(out, t->column[i].name);
			comma = ",";
		}
	buf_putc(out, ')');
}

/* (COALESCE(x."updated_at",x."event_at"),x."event_at") */
static void
add_stamps(struct buf *out, const struct table *t, const char *row)
{
	if (t->versioned)
		buf_printf(out,
		    "(COALESCE(%s.\"updated_at\",%s.\"event_at\"),"
		    "%s.\"event_at\")",
		    row, row, row);
	else
		buf_printf(out, "%s.\"event_at\"", row);
}

static void
add_on_conflict(struct buf *out, const struct table *t)
{
	const char *comma = "";
	char own[COLUMN_NAME_SIZE + 2];

	buf_puts(out, " ON CONFLICT ");
	add_columns(out, t, true);
	buf_puts(out, " DO UPDATE SET ");
	for (size_t i = 0; i < t->ncolumns; i++)
		if (!t->column[i].key) {
			buf_printf(out, "%s\"%s\"=excluded.\"%s\"", comma,
			    t->column[i].name, t->column[i].name);
			comma = ",";
		}
	if (t->kind != TABLE_FACT) {
		snprintf(own, sizeof own, "\"%s\"", t->name);
		buf_puts(out, " WHERE ");
		add_stamps(out, t, "excluded");
		buf_puts(out, ">=");
		add_stamps(out, t, own);
	}
	buf_puts(out, ";\n");
}

void
sql_table_init(struct sql_table *s, const struct table *t)
{
	if (t->ncolumns > SQL_MAX_COLUMNS)
		errx(1, "catalogue: %s has more columns than %d", t->name,
		    SQL_MAX_COLUMNS);
	*s = (struct sql_table){.table = t};
	buf_puts(&s->insert, "INSERT INTO ");
	add_name(&s->insert, t->name);
	buf_putc(&s->insert, ' ');
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

/* The literals of the key's parts; sub_id is '' where it has only one. */
static void
add_tombstone_key(
    struct buf *out, const struct table *t, const struct sql_row *row)
{
	int parts = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			if (parts++ > 0)
				buf_putc(out, ',');
			add_literal(out, row, i);
		}
	if (parts == 1)
		buf_puts(out, ",''");
}

/*
 * NOT EXISTS (the object's own tombstone).  Where keys come back only a
 * tombstone later than the event counts.
 */
static void
add_alive(struct buf *out, const struct table *t, const struct sql_row *row)
{
	static const char *const name[] = {"id", "sub_id"};
	size_t part = 0;

	buf_printf(out,
	    "NOT EXISTS (SELECT \"id\" FROM \"tombstone\" WHERE "
	    "\"object\"='%s'",
	    t->name);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(out, " AND \"%s\"=", name[part++]);
			add_literal(out, row, i);
		}
	if (part == 1)
		buf_puts(out, " AND \"sub_id\"=''");
	if (t->kind == TABLE_REUSED) {
		buf_puts(out, " AND \"event_at\">");
		add_literal_of(out, t, row, table_column(t, "event_at"));
	}
	buf_putc(out, ')');
}

static void
add_parents_alive(
    struct buf *out, const struct table *t, const struct sql_row *row)
{
	for (size_t i = 0; i < t->nparents; i++) {
		buf_printf(out,
		    " AND NOT EXISTS (SELECT \"id\" FROM \"tombstone\" WHERE "
		    "\"object\"='%s' AND \"id\"=",
		    t->parent[i].table);
		add_literal_of(out, t, row, t->parent[i].column);
		buf_puts(out, " AND \"sub_id\"='')");
	}
}

void
sql_upsert(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	buf_add(out, s->insert.p, s->insert.len);
	buf_puts(out, " SELECT ");
	add_values(out, row);
	buf_puts(out, " WHERE ");
	add_alive(out, s->table, row);
	add_parents_alive(out, s->table, row);
	buf_add(out, s->upsert.p, s->upsert.len);
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
add_tombstone(struct buf *out, const struct table *t, const struct sql_row *row)
{
	buf_puts(out, "INSERT INTO \"tombstone\" "
		      "(\"object\",\"id\",\"sub_id\",\"event_id\",\"event_at\")"
		      " VALUES ('");
	buf_puts(out, t->name);
	buf_puts(out, "',");
	add_tombstone_key(out, t, row);
	buf_putc(out, ',');
	add_literal_of(out, t, row, table_column(t, "event_id"));
	buf_putc(out, ',');
	add_literal_of(out, t, row, table_column(t, "event_at"));
	buf_puts(out,
	    ") ON CONFLICT (\"object\",\"id\",\"sub_id\") DO UPDATE SET "
	    "\"event_id\"=excluded.\"event_id\","
	    "\"event_at\"=excluded.\"event_at\" WHERE "
	    "excluded.\"event_at\">=\"tombstone\".\"event_at\";\n");
}

static void
add_removal(struct buf *out, const struct table *t, const struct sql_row *row)
{
	const char *sep = "";

	buf_puts(out, "DELETE FROM ");
	add_name(out, t->name);
	buf_puts(out, " WHERE ");
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(out, "%s\"%s\"=", sep, t->column[i].name);
			add_literal(out, row, i);
			sep = " AND ";
		}
	if (t->kind == TABLE_REUSED) {
		buf_puts(out, " AND \"event_at\"<=");
		add_literal_of(out, t, row, table_column(t, "event_at"));
	}
	buf_puts(out, ";\n");
}

/* A parent has one key column, its first: the catalogue is checked for it. */
static void
add_children_removal(
    struct buf *out, const struct table *t, const struct sql_row *row)
{
	size_t ntables;
	const struct table *child = catalogue_tables(&ntables);

	for (; ntables > 0; ntables--, child++)
		for (size_t i = 0; i < child->nparents; i++) {
			if (strcmp(child->parent[i].table, t->name) != 0)
				continue;
			buf_printf(out,
			    "DELETE FROM \"%s\" WHERE \"%s\"=", child->name,
			    child->parent[i].column->name);
			add_literal(out, row, 0);
			buf_puts(out, ";\n");
		}
}

void
sql_delete(
    struct buf *out, const struct sql_table *s, const struct sql_row *row)
{
	add_tombstone(out, s->table, row);
	add_removal(out, s->table, row);
	add_children_removal(out, s->table, row);
}
