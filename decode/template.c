/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "template.h"

/* Where a template lacks a literal: a column's, or the row's stamp. */
struct hole {
	size_t at;
	size_t column;
};

void
template_add(struct sql_template *to, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, to);
	while ((text = va_arg(ap, const char *)) != NULL)
		buf_puts(&to->text, text);
	va_end(ap);
}

void
template_hole(struct sql_template *to, size_t column)
{
	struct hole h = {to->text.len, column};

	buf_add(&to->holes, &h, sizeof h);
}

void
template_stamps(struct sql_template *to, const struct sql_table *s)
{
	template_add(to, "(", NULL);
	template_hole(to, TEMPLATE_STAMP);
	template_add(to, ",", NULL);
	template_hole(to, s->event_at);
	template_add(to, ")", NULL);
}

void
template_key(struct sql_template *to, const struct table *t)
{
	size_t parts = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			template_add(to, ",", NULL);
			template_hole(to, i);
			parts++;
		}
	if (parts == 1)
		template_add(to, ",''", NULL);
}

void
template_is_key(struct sql_template *to, const struct table *t)
{
	const char *part = "id";

	template_add(to, "\"object\"='", t->name, "'", NULL);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			template_add(to, " AND \"", part, "\"=", NULL);
			template_hole(to, i);
			part = "sub_id";
		}
}

void
template_where_key(struct sql_template *to, const struct table *t)
{
	const char *before = " WHERE \"";

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			template_add(
			    to, before, t->column[i].name, "\"=", NULL);
			template_hole(to, i);
			before = " AND \"";
		}
}

void
template_from(struct sql_template *to, const char *verb, const struct table *t)
{
	template_add(to, verb, " FROM \"", t->name, "\"", NULL);
	template_where_key(to, t);
}

void
template_release(struct sql_template *t)
{
	buf_free(&t->text);
	buf_free(&t->holes);
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

void
template_fill(struct buf *out, const struct sql_template *t,
    const struct sql_table *s, const struct sql_row *row)
{
	const struct hole *h = (const struct hole *)(const void *)t->holes.p;
	size_t n = t->holes.len / sizeof *h, done = 0, column, start;

	for (; n > 0; n--, h++) {
		column =
		    h->column != TEMPLATE_STAMP ? h->column : stamp_of(s, row);
		start = column > 0 ? row->end[column - 1] : 0;
		buf_add(out, t->text.p + done, h->at - done);
		buf_add(out, row->text.p + start, row->end[column] - start);
		done = h->at;
	}
	buf_add(out, t->text.p + done, t->text.len - done);
}
