/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "literal.h"
#include "utf8.h"

void
literal_int(struct buf *out, int64_t value)
{
	char digits[20], *p = digits + sizeof digits;
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--p = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		buf_putc(out, '-');
	buf_add(out, p, (size_t)(digits + sizeof digits - p));
}

/* Copies text, but with each quote doubled. */
static void
add_doubled(struct buf *out, const char *p, size_t len, char quote)
{
	const char *end = p + len, *at;

	while ((at = memchr(p, quote, (size_t)(end - p))) != NULL) {
		buf_add(out, p, (size_t)(at - p) + 1);
		buf_putc(out, quote);
		p = at + 1;
	}
	buf_add(out, p, (size_t)(end - p));
}

void
literal_line(struct buf *out, const char *line, size_t len)
{
	const char *end = line + len, *nul;

	buf_putc(out, '\'');
	while ((nul = memchr(line, '\0', (size_t)(end - line))) != NULL) {
		add_doubled(out, line, (size_t)(nul - line), '\'');
		buf_puts(out, UTF8_REPLACEMENT);
		line = nul + 1;
	}
	add_doubled(out, line, (size_t)(end - line), '\'');
	buf_putc(out, '\'');
}

void
literal_text(struct buf *out, const char *text, size_t len)
{
	size_t n;

	buf_putc(out, '\'');
	for (;;) {
		n = utf8_span(text, len);
		add_doubled(out, text, n, '\'');
		if (n == len)
			break;
		buf_puts(out, UTF8_REPLACEMENT);
		text += n + 1;
		len -= n + 1;
	}
	buf_putc(out, '\'');
}

void
literal_json(struct buf *out, struct jsonspan value)
{
	struct buf compact = {0};

	jsontext_compact(value, &compact);
	literal_text(out, compact.p, compact.len);
	buf_free(&compact);
}

void
literal_name(struct buf *out, const char *name, size_t len)
{
	buf_putc(out, '"');
	add_doubled(out, name, len, '"');
	buf_putc(out, '"');
}
