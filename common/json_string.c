/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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
