/* SPDX-License-Identifier: MIT */
#include <stdbool.h>

#include "cascade.h"

const char *
cascade_stamp(const struct table *t)
{
	return t->versioned ? "COALESCE(\"updated_at\",\"event_at\")"
			    : "\"event_at\"";
}

/* The columns of the table's key, in quotes; returns how many there are. */
static int
add_key(struct buf *out, const struct table *t)
{
	int n = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key)
			buf_printf(out, "%s\"%s\"", n++ > 0 ? "," : "",
			    t->column[i].name);
	return n;
}

/* INSERT INTO "orphan" ... SELECT ... FROM the table; a condition follows. */
static void
add_bury(struct buf *out, const struct table *t, const char *todo)
{
	buf_printf(out, ORPHAN_INSERT "SELECT '%s',", t->name);
	if (add_key(out, t) == 1)
		buf_puts(out, ",''");
	buf_printf(out, ",\"event_id\",\"event_at\",%s,%s FROM \"%s\" WHERE ",
	    cascade_stamp(t), todo, t->name);
}

/* The rows that descend from the parent with this id. */
static void
add_descent(struct buf *out, const struct table *t, const struct table *parent,
    const char *id, size_t len)
{
	const char * or = "";

	for (size_t i = 0; i < t->nparents; i++) {
		const struct parent *p = &t->parent[i];

		if (p->table == parent) {
			buf_printf(out, "%s\"%s\"=", or, p->column->name);
			buf_add(out, id, len);
		} else if (table_descends(p->table, parent)) {
			buf_printf(out,
			    "%s\"%s\" IN (SELECT \"id\" FROM \"%s\" WHERE ", or,
			    p->column->name, p->name);
			add_descent(out, p->table, parent, id, len);
			buf_putc(out, ')');
		} else {
			continue;
		}
		or = " OR ";
	}
}

void
cascade_delete(
    struct buf *out, const struct table *parent, const char *id, size_t len)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	while (n-- > 0) {
		if (!table_descends(&t[n], parent))
			continue;
		add_bury(out, &t[n], "NULL");
		add_descent(out, &t[n], parent, id, len);
		buf_puts(out, ORPHAN_NEWEST);
		buf_printf(out, "DELETE FROM \"%s\" WHERE ", t[n].name);
		add_descent(out, &t[n], parent, id, len);
		buf_puts(out, ";\n");
	}
}

/* Has the table a row that is not older than what the orphan was? */
static void
add_is_back(struct buf *out, const struct table *t, const char *orphan)
{
	const char *part = "id";

	buf_printf(out, "EXISTS (SELECT 1 FROM \"%s\" WHERE ", t->name);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(out, "\"%s\"=%s.\"%s\" AND ",
			    t->column[i].name, orphan, part);
			part = "sub_id";
		}
	buf_printf(out,
	    "(%s,\"event_at\")>=(%s.\"updated_at\",%s.\"event_at\"))",
	    cascade_stamp(t), orphan, orphan);
}

/* Marks the orphans that may be its children's, if one of its own is back. */
static void
add_recall(struct buf *out, const struct table *t)
{
	size_t n;
	const struct table *child = catalogue_tables(&n);
	const char *sep = "UPDATE \"orphan\" SET \"todo\"='decode' "
			  "WHERE \"object\" IN (";
	bool any = false;

	for (; n > 0; n--, child++)
		for (size_t i = 0; i < child->nparents; i++)
			if (child->parent[i].table == t) {
				buf_printf(out, "%s'%s'", sep, child->name);
				sep = ",";
				any = true;
			}
	if (!any)
		return;
	buf_printf(out,
	    ") AND EXISTS (SELECT 1 FROM \"orphan\" AS o WHERE "
	    "o.\"object\"='%s' AND o.\"todo\" IS NOT NULL AND ",
	    t->name);
	add_is_back(out, t, "o");
	buf_puts(out, ");\n");
}

/* What has no parents is no orphan. */
static bool
may_be_orphan(const struct parent *p)
{
	return p->table->nparents > 0;
}

/*
 * Adds a condition: has the row a parent that is an orphan and marked, or with
 * `all`, any that is gone?  Returns false if none can be.
 */
static bool
add_children(struct buf *out, const struct table *t, bool all)
{
	const char *before = "";

	for (size_t i = 0; i < t->nparents; i++) {
		const struct parent *p = &t->parent[i];

		if (!all && !may_be_orphan(p))
			continue;
		buf_printf(out, "%s\"%s\" IN (", before, p->column->name);
		if (all)
			buf_printf(out,
			    "SELECT \"id\" FROM \"tombstone\" WHERE "
			    "\"object\"='%s'%s",
			    p->name, may_be_orphan(p) ? " UNION ALL " : "");
		if (may_be_orphan(p))
			buf_printf(out,
			    "SELECT \"id\" FROM \"orphan\" WHERE "
			    "\"object\"='%s'%s",
			    p->name, all ? "" : " AND \"todo\"='settle'");
		buf_putc(out, ')');
		before = " OR ";
	}
	return *before != '\0';
}

/* Orphans that were deleted themselves: where keys come back, later. */
static void
add_deleted(struct buf *out, const struct table *t)
{
	buf_printf(out,
	    "DELETE FROM \"orphan\" WHERE \"object\"='%s' AND "
	    "\"todo\" IS NOT NULL AND EXISTS (SELECT 1 FROM \"tombstone\" AS t "
	    "WHERE t.\"object\"=\"orphan\".\"object\" AND "
	    "t.\"id\"=\"orphan\".\"id\" AND "
	    "t.\"sub_id\"=\"orphan\".\"sub_id\"%s);\n",
	    t->name,
	    t->kind == TABLE_REUSED
		? " AND t.\"event_at\">\"orphan\".\"event_at\""
		: "");
}

/*
 * Of the orphans that an item has been noted for, and which it may have brought
 * back: the columns that no item has went with the row, and an event is to fill
 * them again.  Until then another one may.
 */
#define REFILLED                                                               \
	"\"filled_at\" IS NOT NULL AND (\"object\",\"id\",\"sub_id\") IN "     \
	"(SELECT o.\"object\",o.\"id\",o.\"sub_id\" FROM \"orphan\" AS o "     \
	"WHERE o.\"todo\"='settle' AND COALESCE(o.\"event_id\",'')='')"

static void
add_refill(struct buf *out)
{
	buf_puts(out, ORPHAN_INSERT
	    "SELECT '" ORPHAN_REFILL "',\"id\",\"object\",NULL,"
	    "\"filled_at\",\"filled_updated_at\",'decode' FROM "
	    "\"listed_object\" WHERE " REFILLED ORPHAN_NEWEST
	    "UPDATE \"listed_object\" SET \"filled_updated_at\"=NULL,"
	    "\"filled_at\"=NULL WHERE " REFILLED ";\n");
}

void
cascade_refilled(struct buf *out)
{
	buf_puts(out,
	    "DELETE FROM \"orphan\" WHERE \"object\"='" ORPHAN_REFILL
	    "' AND EXISTS (SELECT 1 FROM \"listed_object\" AS l WHERE "
	    "l.\"object\"=\"orphan\".\"sub_id\" AND "
	    "l.\"id\"=\"orphan\".\"id\" AND l.\"sub_id\"='' AND "
	    "(l.\"filled_updated_at\",l.\"filled_at\")>="
	    "(\"orphan\".\"updated_at\",\"orphan\".\"event_at\"));\n");
}

/* Its parents are settled.  What has come late may be older than its row. */
static void
settle_table(struct buf *out, const struct table *t, bool all)
{
	struct buf key = {0}, gone = {0};
	int parts = add_key(&key, t);

	add_deleted(out, t);
	add_recall(out, t);
	buf_printf(out,
	    "DELETE FROM \"orphan\" WHERE \"object\"='%s' AND "
	    "\"todo\" IS NOT NULL AND ",
	    t->name);
	add_is_back(out, t, "\"orphan\"");
	buf_printf(out,
	    ";\nDELETE FROM \"%s\" WHERE (%s) IN (SELECT \"id\"%s FROM "
	    "\"orphan\" WHERE \"object\"='%s' AND \"todo\" IS NOT NULL);\n",
	    t->name, buf_str(&key), parts > 1 ? ",\"sub_id\"" : "", t->name);
	if (add_children(&gone, t, all)) {
		add_bury(out, t, all ? "NULL" : "'settle'");
		buf_printf(out, "%s" ORPHAN_NEWEST, buf_str(&gone));
		buf_printf(out, "DELETE FROM \"%s\" WHERE %s;\n", t->name,
		    buf_str(&gone));
	}
	buf_free(&gone);
	buf_free(&key);
}

void
cascade_settle(struct buf *out, bool all)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	add_refill(out);
	for (; n > 0; n--, t++)
		if (t->nparents > 0)
			settle_table(out, t, all);
	buf_puts(out, "UPDATE \"orphan\" SET \"todo\"=NULL "
		      "WHERE \"todo\"='settle';\n");
}
