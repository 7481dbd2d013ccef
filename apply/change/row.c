/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "change/row.h"
#include "memory.h"

/* Texts move while the buffer grows: until then, `i` is where they begin. */
void
row_copy(
    struct row *r, const struct table *t, const struct value *value, size_t n)
{
	struct value *v;

	if (r->value == NULL)
		r->value = memory_new(t->ncolumns, sizeof *r->value);
	r->found = true;
	buf_clear(&r->text);
	for (size_t i = 0; i < t->ncolumns; i++) {
		v = &r->value[i];
		*v = i < n ? value[i] : value_text(NULL);
		if (v->type != VALUE_TEXT)
			continue;
		v->i = (int64_t)r->text.len;
		buf_add(&r->text, v->text, v->len);
	}
	buf_str(&r->text);
	for (v = r->value; v < r->value + t->ncolumns; v++)
		if (v->type == VALUE_TEXT)
			v->text = r->text.p + v->i;
}

const struct value *
row_values(const struct row *r)
{
	return r->found ? r->value : NULL;
}

void
row_free(struct row *r)
{
	free(r->value);
	buf_free(&r->text);
	*r = (struct row){0};
}

bool
value_is(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == VALUE_NULL)
		return true;
	if (a->type == VALUE_TEXT)
		return a->len == b->len &&
		       memcmp(a->text, b->text, a->len) == 0;
	return a->i == b->i;
}

bool
row_has_key(const struct table *t, const struct value *a, const struct value *b)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key && !value_is(&a[i], &b[i]))
			return false;
	return true;
}

bool
row_is_same(const struct table *t, const struct value *a, const struct value *b)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (!value_is(&a[i], &b[i]))
			return false;
	return true;
}

void
row_select(struct buf *sql, const struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		buf_printf(
		    sql, "%s\"%s\"", i ? "," : "SELECT ", t->column[i].name);
	buf_printf(sql, " FROM \"%s\"", t->name);
}

void
row_select_key(struct buf *sql, const struct table *t)
{
	size_t n = 0;

	row_select(sql, t);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			n++;
			buf_printf(sql, "%s\"%s\"=$%zu",
			    n > 1 ? " AND " : " WHERE ", t->column[i].name, n);
		}
}
