/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "view.h"

/* FNV-1a: this is compared with what wos wrote, and with nobody else's. */
#define HASH_START 2166136261U
#define HASH_PRIME 16777619U

static uint32_t
hash_add(uint32_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * HASH_PRIME;
	return hash;
}

static void
add_name(struct buf *out, const char *before, const char *name)
{
	buf_puts(out, before);
	buf_putc(out, '"');
	buf_puts(out, name);
	buf_putc(out, '"');
}

/* Which of the rows that are joined: the first column with that key tells. */
static size_t
join_of(const struct table *t, const struct shown *s)
{
	const struct shown *first = t->shown;

	while (first->key != s->key || first->of != s->of)
		first++;
	return (size_t)(first - t->shown);
}

static bool
joins(const struct table *t)
{
	for (size_t i = 0; i < t->nshown; i++)
		if (t->shown[i].key != NULL)
			return true;
	return false;
}

/* "created_at", t."created_at" or j9."email" */
static void
add_column(struct buf *out, const struct table *t, const struct shown *s)
{
	char of[32] = "t.";

	if (s->key != NULL)
		snprintf(of, sizeof of, "j%zu.", join_of(t, s));
	add_name(out, s->key != NULL || joins(t) ? of : "", s->column->name);
}

/*
 * to_timestamp() counts in doubles: past the year 2255, fractions of a second
 * would be off by microseconds.  An owner may have a function of that name,
 * too.
 */
static void
add_time(struct buf *out, const struct table *t, const struct shown *s,
    enum dialect in)
{
	if (in == DIALECT_SQLITE) {
		buf_puts(out, "strftime('%Y-%m-%dT%H:%M:%fZ',");
		add_column(out, t, s);
		buf_puts(out, "/1000.0,'unixepoch')");
		return;
	}
	buf_puts(out, "pg_catalog.to_timestamp(");
	add_column(out, t, s);
	buf_puts(out, "/1000) + ");
	add_column(out, t, s);
	buf_puts(out, "%1000 * INTERVAL '1 ms'");
}

static void
add_shown(struct buf *out, const struct table *t, const struct shown *s,
    enum dialect in)
{
	bool time = s->column->type == TYPE_TIME;

	if (time)
		add_time(out, t, s, in);
	else
		add_column(out, t, s);
	if (time || s->key != NULL)
		add_name(out, " AS ", s->name);
}

static void
add_joins(struct buf *out, const struct table *t)
{
	char name[32];

	if (joins(t))
		buf_puts(out, " AS t");
	for (size_t i = 0; i < t->nshown; i++) {
		const struct shown *s = &t->shown[i];

		if (s->key == NULL || join_of(t, s) != i)
			continue;
		snprintf(name, sizeof name, "j%zu", i);
		add_name(out, "\n\tLEFT JOIN ", s->of->name);
		buf_puts(out, " AS ");
		buf_puts(out, name);
		buf_puts(out, " ON ");
		buf_puts(out, name);
		add_name(out, ".\"id\" = t.", s->key->name);
	}
}

static void
add_query(struct buf *out, const struct table *t, enum dialect in)
{
	buf_puts(out, "SELECT\n\t");
	for (size_t i = 0; i < t->nshown; i++) {
		if (i > 0)
			buf_puts(out, ",\n\t");
		add_shown(out, t, &t->shown[i], in);
	}
	add_name(out, "\nFROM ", t->name);
	add_joins(out, t);
}

int
view_version(const struct table *t)
{
	return VIEW_FORM * 1000 + (int)t->nshown;
}

/* 'text', with each ' twice. */
static void
add_literal(struct buf *out, const char *text)
{
	buf_putc(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_putc(out, '\'');
		buf_putc(out, *text);
	}
	buf_putc(out, '\'');
}

static void
add_comment(struct buf *out, const char *what, const char *table,
    const char *column, const char *text)
{
	buf_puts(out, "COMMENT ON ");
	add_name(out, what, table);
	if (column != NULL)
		add_name(out, ".", column);
	buf_puts(out, " IS ");
	add_literal(out, text);
	buf_puts(out, ";\n");
}

void
view_create(struct buf *out, const struct table *t, enum dialect in)
{
	struct buf about = {0};

	if (in == DIALECT_SQLITE)
		buf_printf(out,
		    "CREATE VIEW IF NOT EXISTS \"%s\" AS " VIEW_MARK "%d */ ",
		    t->view, view_version(t));
	else
		buf_printf(out, "CREATE OR REPLACE VIEW \"%s\" AS ", t->view);
	add_query(out, t, in);
	buf_puts(out, ";\n");
	if (in != DIALECT_POSTGRES)
		return;
	buf_printf(&about, "%s %s", t->about, VIEW_MADE);
	add_comment(out, "VIEW ", t->view, NULL, buf_str(&about));
	for (size_t i = 0; i < t->nshown; i++)
		add_comment(out, "COLUMN ", t->view, t->shown[i].name,
		    t->shown[i].column->about);
	buf_free(&about);
}

static void
add_table_comments(struct buf *out, const struct table *t)
{
	add_comment(out, "TABLE ", t->name, NULL, t->about);
	for (size_t i = 0; i < t->ncolumns; i++)
		add_comment(out, "COLUMN ", t->name, t->column[i].name,
		    t->column[i].about);
}

static uint32_t
hash_table(uint32_t hash, const struct table *t)
{
	hash = hash_add(hash_add(hash, t->name), t->about);
	hash = hash_add(hash, t->view);
	for (size_t i = 0; i < t->ncolumns; i++) {
		hash = hash_add(hash, t->column[i].name);
		hash = hash_add(hash, t->column[i].about);
	}
	for (size_t i = 0; i < t->nshown; i++)
		hash = hash_add(hash, t->shown[i].name);
	return hash;
}

void
view_hash_all(char hash[VIEW_HASH_SIZE])
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	uint32_t sum = HASH_START + VIEW_FORM;

	for (; n > 0; n--, t++)
		sum = hash_table(sum, t);
	snprintf(hash, VIEW_HASH_SIZE, "%08x", (unsigned)sum);
}

void
view_comments(struct buf *out)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	char hash[VIEW_HASH_SIZE];
	struct buf about = {0};

	for (; n > 0; n--, t++)
		add_table_comments(out, t);
	add_comment(out, "COLUMN ", "events_cursor", DDL_ARRIVAL,
	    "The events' order of arrival.");
	add_comment(out, "COLUMN ", DDL_LOCK, "name", "Which row it is.");
	add_comment(out, "COLUMN ", DDL_LOCK, "taken_at",
	    "When a writer last took it.");
	view_hash_all(hash);
	buf_printf(&about, "The row that writers lock. Comments: %s", hash);
	add_comment(out, "TABLE ", DDL_LOCK, NULL, buf_str(&about));
	buf_free(&about);
}

void
view_schema(struct buf *out, enum dialect in)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		if (*t->view != '\0') {
			buf_putc(out, '\n');
			view_create(out, t, in);
		}
	if (in == DIALECT_POSTGRES) {
		buf_putc(out, '\n');
		view_comments(out);
	}
}
