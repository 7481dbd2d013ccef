/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "utf8.h"

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

size_t
escape_char(const char *text, size_t len, char out[ESCAPE_SIZE], size_t *used)
{
	size_t n = utf8_length(text, len);
	char c = *text;

	*used = n > 0 ? n : 1;
	if (n == 0)
		return (size_t)snprintf(out, ESCAPE_SIZE, UTF8_REPLACEMENT);
	if (c == '"' || c == '\\')
		return (size_t)snprintf(out, ESCAPE_SIZE, "\\%c", c);
	if (c == '\n')
		return (size_t)snprintf(out, ESCAPE_SIZE, "\\n");
	if (c == '\t')
		return (size_t)snprintf(out, ESCAPE_SIZE, "\\t");
	if (utf8_is_control(text, n))
		return (size_t)snprintf(
		    out, ESCAPE_SIZE, "\\u%04x", code_point(text, n));
	memcpy(out, text, n);
	return n;
}
