/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "change/line.h"
#include "change/row.h"
#include "json_string.h"
#include "jsontext.h"
#include "utf8.h"

/* JSON in one line; what is none is a text, whoever has put it there. */
static void
add_json(struct buf *out, const struct value *v)
{
	const char *why;
	size_t at;
	struct jsonspan json = jsontext_check(v->text, v->len, &why, &at);

	if (json.p != NULL && utf8_span(v->text, v->len) == v->len)
		jsontext_compact(json, out);
	else
		json_string(out, v->text, v->len);
}

/* SQLite's booleans are numbers. */
void
change_value(struct buf *out, const struct column *c, const struct value *v)
{
	if (v->type == VALUE_NULL)
		buf_puts(out, "null");
	else if (v->type == VALUE_TEXT && c->type == TYPE_JSON)
		add_json(out, v);
	else if (v->type == VALUE_TEXT)
		json_string(out, v->text, v->len);
	else if (v->type == VALUE_BOOL || c->type == TYPE_BOOL)
		buf_puts(out, v->i ? "true" : "false");
	else
		buf_printf(out, "%" PRId64, v->i);
}

/* Is the column one to tell?  The key stands for itself. */
static bool
is_told(const struct table *t, size_t i, const struct value *row,
    const struct value *other)
{
	if (t->column[i].key)
		return false;
	return other != NULL ? !value_is(&row[i], &other[i])
			     : row[i].type != VALUE_NULL;
}

static void
add_side(struct buf *out, const char *side, const struct table *t,
    const struct value *row, const struct value *other)
{
	const char *comma = "";

	if (row == NULL)
		return;
	buf_printf(out, ",\"%s\":{", side);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (is_told(t, i, row, other)) {
			buf_printf(out, "%s\"%s\":", comma, t->column[i].name);
			change_value(out, &t->column[i], &row[i]);
			comma = ",";
		}
	buf_putc(out, '}');
}

static void
add_key(struct buf *out, const struct table *t, const struct value *row)
{
	const char *before = "{";

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(out, "%s\"%s\":", before, t->column[i].name);
			change_value(out, &t->column[i], &row[i]);
			before = ",";
		}
	buf_putc(out, '}');
}

static const char *
operation(const struct value *before, const struct value *after)
{
	if (before == NULL)
		return after == NULL ? "unknown" : "insert";
	return after == NULL ? "delete" : "update";
}

/* All but the values; the key is that of `row`, or null. */
static void
add_head(struct buf *out, const struct cause *c, const struct table *t,
    const char *op, const struct value *row)
{
	buf_printf(out, "{\"table\":\"%s\",\"key\":", t->name);
	if (row != NULL)
		add_key(out, t, row);
	else
		buf_puts(out, "null");
	buf_printf(out, ",\"op\":\"%s\",\"event_id\":", op);
	if (c->event_id != NULL)
		json_string(out, c->event_id, strlen(c->event_id));
	else
		buf_puts(out, "null");
	if (c->at != INT64_MIN)
		buf_printf(out, ",\"event_at\":%" PRId64, c->at);
	else
		buf_puts(out, ",\"event_at\":null");
}

static void
add_change(struct buf *out, const struct cause *c, const struct table *t,
    const struct value *before, const struct value *after)
{
	add_head(out, c, t, operation(before, after),
	    after != NULL ? after : before);
	add_side(out, "old", t, before, after);
	add_side(out, "new", t, after, before);
	buf_putc(out, '}');
}

void
change_line(struct buf *out, const struct cause *c, const struct table *t,
    const struct value *before, const struct value *after)
{
	add_change(out, c, t, before, after);
	buf_putc(out, '\n');
}

static void
add_columns(struct buf *out, const struct table *t, const struct value *before,
    const struct value *after)
{
	const struct value *row = after != NULL ? after : before;
	const struct value *other = after != NULL ? before : NULL;
	const char *comma = "";

	buf_puts(out, ",\"columns\":[");
	for (size_t i = 0; i < t->ncolumns; i++)
		if (is_told(t, i, row, other)) {
			buf_printf(out, "%s\"%s\"", comma, t->column[i].name);
			comma = ",";
		}
	buf_puts(out, "]}");
}

/* With all that it can have, it begins at `begin`. */
void
change_notice(struct buf *out, const struct cause *c, const struct table *t,
    const struct value *before, const struct value *after)
{
	const struct value *key = after != NULL ? after : before;
	const char *op = operation(before, after);
	size_t begin = out->len;

	add_change(out, c, t, before, after);
	if (out->len - begin > NOTICE_MAX) {
		out->len = begin;
		add_head(out, c, t, op, key);
		add_columns(out, t, before, after);
	}
	if (out->len - begin > NOTICE_MAX) {
		out->len = begin;
		add_head(out, c, t, op, NULL);
		add_columns(out, t, before, after);
	}
	buf_putc(out, '\n');
}
