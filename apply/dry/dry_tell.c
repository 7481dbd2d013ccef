/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "change/row.h"
#include "dry_tell.h"
#include "json_same.h"
#include "json_string.h"
#include "lists.h"

/* A column's value as JSON; SQLite's booleans are numbers. */
static void
tell_value(
    struct buf *out, const struct table *t, size_t i, const struct value *row)
{
	const struct value *v = &row[i];

	if (v->type == VALUE_NULL)
		buf_puts(out, "null");
	else if (v->type == VALUE_TEXT)
		json_string(out, v->text, v->len);
	else if (v->type == VALUE_BOOL || t->column[i].type == TYPE_BOOL)
		buf_puts(out, v->i ? "true" : "false");
	else
		buf_printf(out, "%" PRId64, v->i);
}

/* Does the column tell the two apart?  Lists may have JSON in another order. */
static bool
differs(const struct told *told, const struct table *t, size_t i,
    const struct value *a, const struct value *b)
{
	if (value_is(&a[i], &b[i]))
		return false;
	if (!told->compares)
		return true;
	if (!item_is_compared(t, &t->column[i]))
		return false;
	return t->column[i].type != TYPE_JSON || a[i].type != VALUE_TEXT ||
	       b[i].type != VALUE_TEXT ||
	       !json_same((struct jsonspan){a[i].text, a[i].len},
		   (struct jsonspan){b[i].text, b[i].len});
}

bool
row_is(const struct told *told, const struct table *t, const struct value *a,
    const struct value *b)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (differs(told, t, i, a, b))
			return false;
	return true;
}

/* Does the column hold an event's line, or what else was parked whole? */
static bool
is_line(const struct table *t, const struct column *c)
{
	return strcmp(c->name, "event_payload") == 0 ||
	       (strcmp(c->name, "text") == 0 &&
		   strcmp(t->name, "parked_event") == 0);
}

/*
 * Is the column to be told: one that differs, or if there is no other row, has
 * a value?  Not the key, which stands first, nor what is long or the time of
 * this very moment.
 */
static bool
is_told(const struct told *told, const struct table *t, size_t i,
    const struct value *row, const struct value *other)
{
	const struct column *c = &t->column[i];

	if (c->key || c->now || is_line(t, c))
		return false;
	if (other != NULL)
		return differs(told, t, i, row, other);
	return row[i].type != VALUE_NULL &&
	       (!told->compares || item_is_compared(t, c));
}

static void
tell_key(struct buf *out, const char *between, const struct table *t,
    const struct value *row)
{
	const char *sep = "";

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_puts(out, sep);
			tell_value(out, t, i, row);
			sep = between;
		}
}

/* ,"old":{...} or ,"new":{...} */
static void
tell_side(struct told *told, const char *side, const struct table *t,
    const struct value *row, const struct value *other)
{
	struct buf *out = &told->text;
	const char *comma = "";

	buf_printf(out, ",\"%s\":{", side);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (is_told(told, t, i, row, other)) {
			buf_printf(out, "%s\"%s\":", comma, t->column[i].name);
			tell_value(out, t, i, row);
			comma = ",";
		}
	buf_putc(out, '}');
}

static void
tell_row_json(struct told *told, char sign, const struct table *t,
    const struct value *before, const struct value *after)
{
	struct buf *out = &told->text;

	buf_printf(out, "{\"change\":\"%c\",\"table\":\"%s\",\"key\":[", sign,
	    t->name);
	tell_key(out, ",", t, after ? after : before);
	buf_putc(out, ']');
	if (before != NULL && after != NULL)
		tell_side(told, "old", t, before, after);
	if (after != NULL)
		tell_side(told, "new", t, after, before);
	buf_puts(out, "}\n");
}

static void
tell_row_text(struct told *told, char sign, const struct table *t,
    const struct value *before, const struct value *after)
{
	struct buf *out = &told->text;

	buf_printf(out, "%c %s ", sign, t->name);
	tell_key(out, " ", t, after ? after : before);
	for (size_t i = 0; after != NULL && i < t->ncolumns; i++)
		if (is_told(told, t, i, after, before)) {
			buf_printf(out, " %s=", t->column[i].name);
			if (before != NULL) {
				tell_value(out, t, i, before);
				buf_puts(out, "->");
			}
			tell_value(out, t, i, after);
		}
	buf_putc(out, '\n');
}

void
tell_signed(struct told *told, char sign, const struct table *t,
    const struct value *before, const struct value *after)
{
	if (told->json)
		tell_row_json(told, sign, t, before, after);
	else
		tell_row_text(told, sign, t, before, after);
}

void
tell_row(struct told *told, const struct table *t, const struct value *before,
    const struct value *after)
{
	char sign = after == NULL ? '-' : before == NULL ? '+' : '~';

	tell_signed(told, sign, t, before, after);
}

void
tell_unknown(struct told *told, const char *sql)
{
	struct buf *out = &told->text;

	buf_puts(out, told->json ? "{\"change\":\"?\",\"statement\":" : "? ");
	json_string(out, sql, strlen(sql));
	buf_puts(out, told->json ? "}\n" : "\n");
}
