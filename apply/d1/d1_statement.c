/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "d1_statement.h"
#include "json_string.h"
#include "utf8.h"

/* Whole numbers up to here are doubles, too. */
#define DOUBLE_WHOLE (INT64_C(1) << 53)

/* What a value takes in a row, beside its text: its type and a number. */
#define ROW_VALUE 16

/* A shorter text need not be looked at: it may take three times its bytes. */
#define TEXT_LONG 4096

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

/* Bytes of a text as it will be there: some are no UTF-8. */
static size_t
mended(const struct value *v)
{
	size_t len = v->len, at = 0;

	while ((at += utf8_span(v->text + at, v->len - at)) < v->len) {
		if (v->text[at] != '\0')
			len += UTF8_REPLACEMENT_LEN - 1;
		at++;
	}
	return len;
}

/* A text may stand in the statement's condition, too. */
static bool
is_repeated(const struct value *value, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (value[k].type == VALUE_TEXT &&
		    value[k].len == value[i].len &&
		    memcmp(value[k].text, value[i].text, value[i].len) == 0)
			return true;
	return false;
}

size_t
d1_statement_row(const struct value *value, size_t nvalues)
{
	size_t n = 0;

	for (size_t i = 0; i < nvalues; i++) {
		n += ROW_VALUE;
		if (value[i].type == VALUE_TEXT && value[i].len >= TEXT_LONG &&
		    !is_repeated(value, i))
			n += mended(&value[i]);
		else if (value[i].type == VALUE_TEXT &&
			 value[i].len < TEXT_LONG)
			n += value[i].len * UTF8_REPLACEMENT_LEN;
	}
	return n;
}
