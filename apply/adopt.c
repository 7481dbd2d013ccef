/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adopt.h"
#include "ddl.h"
#include "memory.h"

bool
adopt_is_replaced(const char *name)
{
	static const char *const replaced[] = {
	    "events_cursor", "user", "organization", "organization_membership"};

	for (size_t i = 0; i < sizeof replaced / sizeof replaced[0]; i++)
		if (strcmp(name, replaced[i]) == 0)
			return true;
	return false;
}

static char *
copy(const struct value *v)
{
	struct buf text = {0};

	if (v->type == VALUE_TEXT)
		buf_add(&text, v->text, v->len);
	return (char *)buf_str(&text);
}

void
adopt_add_column(void *adopt, const struct value *row, size_t n)
{
	struct adopt *old = adopt;

	(void)n;
	old->column = memory_more(old->column, old->n + 1, sizeof *old->column);
	old->column[old->n++] =
	    (struct adopt_column){copy(&row[0]), copy(&row[1])};
}

void
adopt_release(struct adopt *old)
{
	for (size_t i = 0; i < old->n; i++) {
		free(old->column[i].name);
		free(old->column[i].type);
	}
	free(old->column);
	*old = (struct adopt){0};
}

static bool
had(const struct adopt *old, const char *name)
{
	for (size_t i = 0; i < old->n; i++)
		if (strcasecmp(old->column[i].name, name) == 0)
			return true;
	return false;
}

/*
 * A value of the old table as the new column wants it.  Old times may be ISO
 * 8601 text, or numbers in text; old booleans may be words.
 */
static void
add_converted(struct buf *sql, const struct column *c)
{
	const char *n = c->name;

	if (c->type == TYPE_TIME)
		buf_printf(sql,
		    "CASE WHEN typeof(\"%s\") <> 'text' THEN "
		    "CAST(\"%s\" AS INTEGER) "
		    "WHEN \"%s\" GLOB '*[^0-9]*' THEN "
		    "CAST((julianday(\"%s\") - 2440587.5) * 86400000.0 + 0.5 "
		    "AS INTEGER) "
		    "ELSE CAST(\"%s\" AS INTEGER) END",
		    n, n, n, n, n);
	else if (c->type == TYPE_BOOL)
		buf_printf(sql,
		    "CASE lower(\"%s\") WHEN 'true' THEN 1 "
		    "WHEN 'false' THEN 0 ELSE \"%s\" END",
		    n, n);
	else
		buf_printf(sql, "\"%s\"", n);
}

/* Adds to `to` and `from` the columns that both tables have. */
static void
add_common(const struct adopt *old, const struct table *t, struct buf *to,
    struct buf *from)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		const struct column *c = &t->column[i];

		if (!had(old, c->name))
			continue;
		buf_printf(to, "%s\"%s\"", to->len ? ", " : "", c->name);
		if (from->len > 0)
			buf_puts(from, ", ");
		add_converted(from, c);
	}
}

static bool
is_ours(const struct table *t, const char *column)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (strcasecmp(t->column[i].name, column) == 0)
			return true;
	return false;
}

/* A stranger's name in quotes. */
static void
add_name(struct buf *out, const char *name)
{
	buf_putc(out, '"');
	for (; *name != '\0'; name++) {
		buf_putc(out, *name);
		if (*name == '"')
			buf_putc(out, '"');
	}
	buf_putc(out, '"');
}

/*
 * Columns that somebody added to the old table stay, with their type but
 * without constraints, which could refuse our rows.
 */
static void
add_theirs(const struct adopt *old, const struct table *t, struct buf *alter,
    struct buf *to, struct buf *from)
{
	for (size_t i = 0; i < old->n; i++) {
		const struct adopt_column *c = &old->column[i];

		if (is_ours(t, c->name))
			continue;
		buf_puts(alter, "ALTER TABLE wos_new ADD COLUMN ");
		add_name(alter, c->name);
		buf_printf(alter, " %s;\n", c->type);
		buf_puts(to, ", ");
		add_name(to, c->name);
		buf_puts(from, ", ");
		add_name(from, c->name);
	}
}

void
adopt_table(struct buf *sql, const struct table *t, const struct adopt *old)
{
	struct buf alter = {0}, to = {0}, from = {0};

	add_common(old, t, &to, &from);
	add_theirs(old, t, &alter, &to, &from);
	ddl_table(sql, t, "wos_new", DIALECT_SQLITE);
	buf_add(sql, alter.p, alter.len);
	buf_printf(sql, "INSERT OR REPLACE INTO wos_new (%s) ", buf_str(&to));
	buf_printf(sql, "SELECT %s FROM \"%s\" ORDER BY %s rowid;\n",
	    buf_str(&from), t->name,
	    had(old, "updated_at") ? "\"updated_at\"," : "");
	buf_printf(sql,
	    "DROP TABLE \"%s\";\nALTER TABLE wos_new RENAME TO \"%s\";\n",
	    t->name, t->name);
	buf_free(&alter);
	buf_free(&to);
	buf_free(&from);
}

void
adopt_ledger(struct buf *sql)
{
	buf_puts(sql,
	    "UPDATE \"events_cursor\" SET \"event_type\" = "
	    "json_extract(\"event_payload\", '$.event') "
	    "WHERE json_valid(\"event_payload\");\n"
	    "INSERT INTO \"sync_cursor\" "
	    "(\"name\", \"event_id\", \"event_at\", \"moved_at\") "
	    "SELECT 'default', \"event_id\", \"created_at\", \"processed_at\" "
	    "FROM \"events_cursor\" ORDER BY \"created_at\" DESC, rowid DESC "
	    "LIMIT 1 ON CONFLICT DO NOTHING;\n");
}
