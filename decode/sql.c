/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "cascade.h"
#include "lists.h"
#include "log.h"
#include "sql.h"

static void
add_columns(struct sql_template *to, const struct table *t, bool keys_only)
{
	const char *before = "(\"";

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key || !keys_only) {
			template_add(to, before, t->column[i].name, "\"", NULL);
			before = ",\"";
		}
	template_add(to, ")", NULL);
}

/* (COALESCE(x."updated_at",x."event_at"),x."event_at") */
static void
add_stamps(struct sql_template *to, const struct table *t, const char *quote,
    const char *row)
{
	const char *r[] = {quote, row, quote};

	if (t->versioned)
		template_add(to, "(COALESCE(", r[0], r[1], r[2],
		    ".\"updated_at\",", r[0], r[1], r[2], ".\"event_at\"),",
		    NULL);
	template_add(to, r[0], r[1], r[2], ".\"event_at\"",
	    t->versioned ? ")" : NULL, NULL);
}

static void
add_on_conflict(struct sql_template *to, const struct table *t)
{
	const char *before = " DO UPDATE SET \"";

	template_add(to, " ON CONFLICT ", NULL);
	add_columns(to, t, true);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (!t->column[i].key) {
			template_add(to, before, t->column[i].name,
			    "\"=excluded.\"", t->column[i].name, "\"", NULL);
			before = ",\"";
		}
	if (t->kind != TABLE_FACT) {
		template_add(to, " WHERE ", NULL);
		add_stamps(to, t, "", "excluded");
		template_add(to, ">=", NULL);
		add_stamps(to, t, "\"", t->name);
	}
	template_add(to, ";\n", NULL);
}

/* The holes of all columns. */
static void
add_values(struct sql_template *to, const struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (i > 0)
			template_add(to, ",", NULL);
		template_hole(to, i);
	}
}

/* The object's own; where keys come back, only one later than the event. */
static void
add_not_deleted(struct sql_template *to, const struct sql_table *s)
{
	template_add(
	    to, "NOT EXISTS (SELECT \"id\" FROM \"tombstone\" WHERE ", NULL);
	template_is_key(to, s->table);
	if (s->table->kind == TABLE_REUSED) {
		template_add(to, " AND \"event_at\">", NULL);
		template_hole(to, s->event_at);
	}
	template_add(to, ")", NULL);
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
			template_add(to, exists, " (SELECT \"id\" FROM \"",
			    from[j], "\" WHERE \"object\"='", p->name,
			    "' AND \"id\"=", NULL);
			template_hole(to, (size_t)(p->column - t->column));
			template_add(to, ")", NULL);
		}
	}
}

/* ("updated_at","event_at")>(the row's), by these names. */
static void
add_is_newer(
    struct sql_template *to, const char *updated_at, const struct sql_table *s)
{
	template_add(to, " AND (", updated_at, ",\"event_at\")>", NULL);
	template_stamps(to, s);
}

/* No older event may bring it back from where its parents have gone. */
static void
add_no_orphan(struct sql_template *to, const struct sql_table *s)
{
	template_add(
	    to, "NOT EXISTS (SELECT \"id\" FROM \"orphan\" WHERE ", NULL);
	template_is_key(to, s->table);
	add_is_newer(to, "\"updated_at\"", s);
	template_add(to, ")", NULL);
}

/* By an event, or by wos-verify where the API can be asked for the object. */
static bool
leaves_tombstones(const struct table *t)
{
	return t->is_deleted ||
	       item_any(catalogue_table(t->name), ITEM_GET) != NULL;
}

/*
 * What keeps a row out.  Of a child that nothing deletes, as sessions are,
 * there is no tombstone to look for: one look-up less for a quarter of a busy
 * account's events.
 */
static void
add_guards(struct sql_template *to, const struct sql_table *s)
{
	bool child = s->table->nparents > 0;
	bool deleted = leaves_tombstones(s->table);

	if (deleted || !child)
		add_not_deleted(to, s);
	if (deleted && child)
		template_add(to, " AND ", NULL);
	if (child)
		add_no_orphan(to, s);
	add_parents_gone(to, s->table, " AND NOT EXISTS");
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
	template_add(to, ORPHAN_INSERT "SELECT '", s->table->name, "'", NULL);
	template_key(to, s->table);
	template_add(to, ",", NULL);
	template_hole(to, s->event_id);
	template_add(to, ",", NULL);
	template_hole(to, s->event_at);
	template_add(to, ",", NULL);
	template_hole(to, TEMPLATE_STAMP);
	template_add(to, ",'settle'" ORPHAN_NOTE, NULL);
	template_is_key(to, s->table);
	template_add(to, ")", NULL);
	add_parents_gone(to, s->table, " OR EXISTS");
	template_add(to, ") AND NOT EXISTS (", NULL);
	template_from(to, "SELECT \"event_at\"", s->table);
	add_is_newer(to, cascade_stamp(s->table), s);
	template_add(to, ")" ORPHAN_NEWEST, NULL);
}

void
upsert_make(struct sql_template *to, const struct sql_table *s)
{
	const struct table *t = s->table;

	template_add(to, "INSERT INTO \"", t->name, "\" ", NULL);
	add_columns(to, t, false);
	template_add(to, " SELECT ", NULL);
	add_values(to, t);
	template_add(to, " WHERE ", NULL);
	add_guards(to, s);
	add_on_conflict(to, t);
	if (t->nparents > 0)
		add_note(to, s);
}

static void
make_insert(struct sql_template *to, const struct sql_table *s)
{
	template_add(to, "INSERT INTO \"", s->table->name, "\" ", NULL);
	add_columns(to, s->table, false);
	template_add(to, " VALUES (", NULL);
	add_values(to, s->table);
	template_add(to, ")", NULL);
	add_on_conflict(to, s->table);
}

static void
add_tombstone(struct sql_template *to, const struct sql_table *s)
{
	template_add(to,
	    "INSERT INTO \"tombstone\" "
	    "(\"object\",\"id\",\"sub_id\",\"event_id\",\"event_at\")"
	    " VALUES ('",
	    s->table->name, "'", NULL);
	template_key(to, s->table);
	template_add(to, ",", NULL);
	template_hole(to, s->event_id);
	template_add(to, ",", NULL);
	template_hole(to, s->event_at);
	template_add(to,
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
		template_add(to, " AND \"event_at\"<=", NULL);
		template_hole(to, s->event_at);
	}
	template_add(to, ";\n", NULL);
}

/* What descends from the row.  A NUL, which no name has, stands for its id. */
static void
add_cascade(struct sql_template *to, const struct table *t)
{
	struct buf sql = {0};
	const char *p, *end, *id;

	cascade_delete(&sql, t, "", 1);
	for (p = buf_str(&sql), end = p + sql.len; p < end; p = id + 1) {
		if ((id = memchr(p, '\0', (size_t)(end - p))) == NULL)
			id = end;
		buf_add(&to->text, p, (size_t)(id - p));
		if (id < end)
			template_hole(to, 0);
	}
	buf_free(&sql);
}

/* What is deleted is no orphan, whatever its parents are. */
static void
make_remove(struct sql_template *to, const struct sql_table *s)
{
	add_tombstone(to, s);
	template_from(to, "DELETE", s->table);
	end_removal(to, s);
	if (s->table->nparents > 0) {
		template_add(to, "DELETE FROM \"orphan\" WHERE ", NULL);
		template_is_key(to, s->table);
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

void
sql_table_release(struct sql_table *s)
{
	template_release(&s->upsert);
	template_release(&s->insert);
	template_release(&s->remove);
	template_release(&s->item);
}

void
sql_upsert(struct buf *out, struct sql_table *s, const struct sql_row *row)
{
	if (s->upsert.text.len == 0) {
		upsert_make(&s->upsert, s);
		if (s->other->ncolumns < s->table->ncolumns)
			upsert_add_filling(&s->upsert, s);
	}
	template_fill(out, &s->upsert, s, row);
}

void
sql_insert(struct buf *out, struct sql_table *s, const struct sql_row *row)
{
	if (s->insert.text.len == 0)
		make_insert(&s->insert, s);
	template_fill(out, &s->insert, s, row);
}

void
sql_delete(struct buf *out, struct sql_table *s, const struct sql_row *row)
{
	if (s->remove.text.len == 0)
		make_remove(&s->remove, s);
	template_fill(out, &s->remove, s, row);
}
