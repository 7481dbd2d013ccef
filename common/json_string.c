/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "hex.h"
#include "json_string.h"
#include "utf8.h"

/* One character, and a NUL that snprintf adds: \uNNNN. */
#define PIECE_SIZE 8

/* The number of a character of up to three bytes. */
static unsigned
code_point(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	if (n == 1)
		return s[0];
	if (n == 2)
		return (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
	return (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
}

/*
 * The text's first character as it stands in a string.  Returns how many bytes
 * it is there; *used is how many it was.
 */
static size_t
escape(const char *text, size_t len, char out[PIECE_SIZE], size_t *used)
{
	size_t n = utf8_length(text, len);
	char c = *text;

	*used = n > 0 ? n : 1;
	if (n == 0)
		return (size_t)snprintf(out, PIECE_SIZE, UTF8_REPLACEMENT);
	if (c == '"' || c == '\\')
		return (size_t)snprintf(out, PIECE_SIZE, "\\%c", c);
	if (c == '\n')
		return (size_t)snprintf(out, PIECE_SIZE, "\\n");
	if (c == '\t')
		return (size_t)snprintf(out, PIECE_SIZE, "\\t");
	if (utf8_is_control(text, n))
		return (size_t)snprintf(
		    out, PIECE_SIZE, "\\u%04x", code_point(text, n));
	memcpy(out, text, n);
	return n;
}

void
json_string_cut(struct buf *out, const char *text, size_t len, size_t most)
{
	const size_t begin = out->len;
	char piece[PIECE_SIZE];
	size_t n, used;

	buf_putc(out, '"');
	for (; len > 0; text += used, len -= used) {
		n = escape(text, len, piece, &used);
		if (out->len - begin + n + sizeof "..." > most) {
			buf_puts(out, "...");
			break;
		}
		buf_add(out, piece, n);
	}
	buf_putc(out, '"');
}

void
json_string(struct buf *out, const char *text, size_t len)
{
	json_string_cut(out, text, len, SIZE_MAX);
}

/* The four digits of \uNNNN. */
static unsigned
hex(const char *p)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++)
		n = n << 4 | (unsigned)hex_digit(p[i]);
	return n;
}

static bool
is_half(unsigned c, unsigned from)
{
	return (c & 0xFC00) == from;
}

/* The character that \uNNNN, and what belongs to it, stands for. */
static const char *
read_unicode(const char *p, const char *end, unsigned *c)
{
	unsigned low;

	*c = hex(p);
	p += 4;
	if (!is_half(*c, 0xD800))
		return p;
	low = end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex(p + 2) : 0;
	if (!is_half(low, 0xDC00))
		return p;
	*c = 0x10000 + ((*c & 0x3FF) << 10 | (low & 0x3FF));
	return p + 6;
}

static void
add_character(struct buf *out, unsigned c)
{
	if (c < 0x80) {
		buf_putc(out, (char)c);
	} else if (c < 0x800) {
		buf_putc(out, (char)(0xC0 | c >> 6));
		buf_putc(out, (char)(0x80 | (c & 0x3F)));
	} else if ((c & 0xF800) == 0xD800) {
		buf_puts(out, UTF8_REPLACEMENT);
	} else {
		if (c >= 0x10000)
			buf_putc(out, (char)(0xF0 | c >> 18));
		buf_putc(out, (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 0x3F)
						  : 0xE0 | c >> 12));
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3F)));
		buf_putc(out, (char)(0x80 | (c & 0x3F)));
	}
}

void
json_string_read(struct buf *out, const char *text, size_t len)
{
	static const char names[] = "bfnrt", say[] = "\b\f\n\r\t";
	const char *p = text + 1, *end = text + len - 1, *plain, *name;
	unsigned c;

	while (p < end) {
		plain = memchr(p, '\\', (size_t)(end - p));
		plain = plain != NULL ? plain : end;
		buf_add(out, p, (size_t)(plain - p));
		if ((p = plain) == end)
			break;
		if (p[1] == 'u') {
			p = read_unicode(p + 2, end, &c);
			add_character(out, c);
			continue;
		}
		name = strchr(names, p[1]);
		buf_putc(out, name != NULL ? say[name - names] : p[1]);
		p += 2;
	}
}
