/* SPDX-License-Identifier: MIT */
/*
 * The statements that lines of lists become.
 */
#include "cascade.h"
#include "literal.h"
#include "sql.h"

/* Of the columns that lists lack: was it this event, or one before it, at most
 * that has filled them? */
static void
add_fills(struct sql_template *to, const struct sql_table *s)
{
	template_add(to,
	    " AND (COALESCE(\"filled_updated_at\",0),"
	    "COALESCE(\"filled_at\",0))<=",
	    NULL);
	template_stamps(to, s);
}

void
upsert_add_filling(struct sql_template *to, const struct sql_table *s)
{
	const struct table *t = s->table;
	const char *before = "\" SET \"";

	template_add(to, "UPDATE \"", t->name, NULL);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (table_column(s->other, t->column[i].name) == NULL) {
			template_add(
			    to, before, t->column[i].name, "\"=", NULL);
			template_hole(to, i);
			before = ",\"";
		}
	template_where_key(to, t);
	template_add(to,
	    " AND COALESCE(\"event_id\",'')='' AND EXISTS ("
	    "SELECT \"id\" FROM \"listed_object\" WHERE ",
	    NULL);
	template_is_key(to, t);
	add_fills(to, s);
	template_add(to,
	    ");\nUPDATE \"listed_object\" SET \"filled_updated_at\"=", NULL);
	template_hole(to, TEMPLATE_STAMP);
	template_add(to, ",\"filled_at\"=", NULL);
	template_hole(to, s->event_at);
	template_add(to, " WHERE ", NULL);
	template_is_key(to, t);
	add_fills(to, s);
	template_add(to, ";\n", NULL);
}

/* FROM the row, or FROM the orphan, whose key it is. */
static void
add_from(struct sql_template *to, const struct table *t, bool orphan)
{
	if (!orphan) {
		template_from(to, "", t);
		return;
	}
	template_add(to, " FROM \"orphan\" WHERE ", NULL);
	template_is_key(to, t);
}

/* If that is an event's, so are the columns that no item has. */
static void
add_filled_by(struct sql_template *to, const struct table *t, bool orphan)
{
	const char *stamp = orphan ? "\"updated_at\"" : cascade_stamp(t);

	template_add(to,
	    "UPDATE \"listed_object\" SET \"filled_updated_at\"=(SELECT ",
	    stamp, NULL);
	add_from(to, t, orphan);
	template_add(to, "),\"filled_at\"=(SELECT \"event_at\"", NULL);
	add_from(to, t, orphan);
	template_add(to, ") WHERE ", NULL);
	template_is_key(to, t);
	template_add(to, " AND EXISTS (SELECT \"event_at\"", NULL);
	add_from(to, t, orphan);
	template_add(to, " AND \"event_id\"<>'')", NULL);
}

/*
 * Before an item's upsert, whether it wins or not: which event it was so far.
 * An orphan is newer than its row.
 */
static void
add_filled(struct sql_template *to, const struct table *t)
{
	add_filled_by(to, t, false);
	if (t->nparents > 0) {
		template_add(to, " AND NOT EXISTS (SELECT \"id\"", NULL);
		add_from(to, t, true);
		template_add(to, ");\n", NULL);
		add_filled_by(to, t, true);
	}
	template_add(to, ";\n", NULL);
}

/* "payload"=..., the new one if `newer`, or else as it is. */
static void
add_newer(struct sql_template *to, const char *before, const char *column,
    const char *newer)
{
	template_add(to, before, "\"", column,
	    "\"=COALESCE((SELECT excluded.\"", column, "\" WHERE ", newer,
	    "),\"listed_object\".\"", column, "\")", NULL);
}

/*
 * Of all items of an object there is the line of the one that wins, and when
 * the last one was listed.  The line has its hole behind those of the columns.
 */
static void
add_listed(struct sql_template *to, const struct sql_table *s)
{
	static const char later[] =
	    "excluded.\"listed_at\">=\"listed_object\".\"listed_at\"";
	static const char wins[] =
	    "(excluded.\"item_updated_at\",excluded.\"item_at\")>="
	    "(COALESCE(\"listed_object\".\"item_updated_at\",0),"
	    "COALESCE(\"listed_object\".\"item_at\",0))";

	template_add(to,
	    "INSERT INTO \"listed_object\" (\"object\",\"id\",\"sub_id\","
	    "\"listed_at\",\"payload\",\"item_updated_at\",\"item_at\") "
	    "VALUES ('",
	    s->table->name, "'", NULL);
	template_key(to, s->table);
	template_add(to, ",", NULL);
	template_hole(to, s->event_at);
	template_add(to, ",", NULL);
	template_hole(to, s->table->ncolumns);
	template_add(to, ",", NULL);
	template_hole(to, TEMPLATE_STAMP);
	template_add(to, ",", NULL);
	template_hole(to, s->event_at);
	template_add(
	    to, ") ON CONFLICT (\"object\",\"id\",\"sub_id\") DO UPDATE", NULL);
	add_newer(to, " SET ", "listed_at", later);
	add_newer(to, ",", "payload", wins);
	add_newer(to, ",", "item_updated_at", wins);
	add_newer(to, ",", "item_at", wins);
	template_add(to, " WHERE ", later, " OR ", wins, ";\n", NULL);
}

static void
make_item(struct sql_template *to, const struct sql_table *s)
{
	const struct table *t = s->table;

	add_listed(to, s);
	if (t->ncolumns < s->other->ncolumns)
		add_filled(to, t);
	upsert_make(to, s);
}

void
sql_item(struct buf *out, struct sql_table *s, struct sql_row *row,
    struct jsonspan line)
{
	if (s->item.text.len == 0)
		make_item(&s->item, s);
	literal_line(&row->text, line.p, line.len);
	row->end[row->n++] = row->text.len;
	template_fill(out, &s->item, s, row);
}

static void
make_forget(struct sql_template *to, const struct sql_table *s)
{
	template_from(to, "DELETE", s->table);
	template_add(to, " AND \"event_at\"<=", NULL);
	template_hole(to, s->event_at);
	template_add(to, ";\nDELETE FROM \"listed_object\" WHERE ", NULL);
	template_is_key(to, s->table);
	template_add(to, " AND \"listed_at\"<=", NULL);
	template_hole(to, s->event_at);
	template_add(to, ";\n", NULL);
}

void
sql_forget(struct buf *out, struct sql_table *s, const struct sql_row *row)
{
	if (s->remove.text.len == 0)
		make_forget(&s->remove, s);
	template_fill(out, &s->remove, s, row);
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
