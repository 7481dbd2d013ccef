/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>

#include "d1_statement.h"
#include "json_string.h"

/* Whole numbers up to here are doubles, too. */
#define DOUBLE_WHOLE (INT64_C(1) << 53)

/* What a value takes in a row, beside its text: its type and a number. */
#define ROW_VALUE 16

/*
 * $1 is a name to SQLite, which counts names as they appear: ?1 is a number.
 * Behind any other dollar sign stands a path in JSON.
 */
static void
add_sql(struct buf *out, const char *sql)
{
	struct buf text = {0};

	buf_puts(&text, sql);
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.p[i] == '$' && isdigit((unsigned char)text.p[i + 1]))
			text.p[i] = '?';
	json_string(out, text.p, text.len);
	buf_free(&text);
}

static void
add_value(struct buf *out, const struct value *v)
{
	bool whole = v->i <= DOUBLE_WHOLE && v->i >= -DOUBLE_WHOLE;

	if (v->type == VALUE_NULL)
		buf_puts(out, "null");
	else if (v->type == VALUE_TEXT)
		json_string(out, v->text, v->len);
	else
		buf_printf(out, whole ? "%" PRId64 : "\"%" PRId64 "\"", v->i);
}

void
d1_statement(
    struct buf *out, const char *sql, const struct value *value, size_t nvalues)
{
	buf_puts(out, "{\"sql\":");
	add_sql(out, sql);
	buf_puts(out, ",\"params\":[");
	for (size_t i = 0; i < nvalues; i++) {
		if (i > 0)
			buf_putc(out, ',');
		add_value(out, &value[i]);
	}
	buf_puts(out, "]}");
}

size_t
d1_statement_row(const struct value *value, size_t nvalues)
{
	size_t n = 0;

	for (size_t i = 0; i < nvalues; i++)
		n += ROW_VALUE +
		     (value[i].type == VALUE_TEXT ? value[i].len : 0);
	return n;
}
