/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: text of any bytes.  What is UTF-8 is what encodes a
 * character; what is made visible has no control in it, is cut only where that
 * is told, and stays as it is the second time; what is mended, or written as
 * JSON, is read again as the same.
 */
#include <string.h>

#include "fuzz.h"
#include "json_string.h"
#include "mend.h"
#include "visible.h"

/* Writes a code point in so many bytes as it takes.  Returns how many. */
static size_t
encode(uint32_t c, char out[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(lead[n] | c);
	return n;
}

/* How long is the character that the text begins with, or 0, the slow way? */
static size_t
slow_length(const char *text, size_t len)
{
	const unsigned char *u = (const unsigned char *)text;
	uint32_t c = *u;
	char out[4];

	for (size_t n = 1; n <= 4 && n <= len; n++) {
		c = n == 1 ? *u : c << 6 | (u[n - 1] & 0x3FU);
		if (n > 1) /* what is left of the first byte's bits */
			c &= (1U << (5 * n + 1)) - 1;
		if (c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) &&
		    (n > 1 || c < 0x80) && encode(c, out) == n &&
		    memcmp(out, text, n) == 0)
			return n;
	}
	return 0;
}

static void
check_lengths(const char *text, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n == 0 ? 1 : n) {
		n = utf8_length(text + i, len - i);
		MUST(n == slow_length(text + i, len - i));
	}
}

/* Is there nothing in it that a terminal obeys? */
static bool
is_visible(const char *text, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n)
		if ((n = utf8_length(text + i, len - i)) == 0 ||
		    utf8_is_control(text + i, n))
			return false;
	return true;
}

static void
check_visible(const char *text, size_t len)
{
	struct buf all = {0}, again = {0};
	char cut[64];
	size_t n;

	visible_add(&all, text, len);
	MUST(is_visible(all.p, all.len) && all.len <= 4 * len);
	visible_add(&again, all.p, all.len);
	MUST(again.len == all.len);
	MUST(all.len == 0 || memcmp(again.p, all.p, all.len) == 0);
	for (size_t size = 8; size <= sizeof cut; size += 7) {
		n = strlen(visible(cut, size, text, len));
		MUST(n < size && is_visible(cut, n));
		MUST(strcmp(cut, buf_str(&all)) == 0 ||
		     (n >= 3 && strcmp(cut + n - 3, "...") == 0));
	}
	buf_clear(&again);
	buf_add(&again, text, len);
	visible_data(&again);
	for (size_t i = 0; i < again.len; i++)
		if (again.p[i] == '\t' || again.p[i] == '\n')
			again.p[i] = ' ';
	MUST(is_visible(again.p, again.len));
	buf_free(&all);
	buf_free(&again);
}

static void
check_json(const char *text, size_t len)
{
	struct buf mended = {0}, json = {0}, read = {0};

	mend_utf8(&mended, text, len);
	MUST(is_utf8(mended.p, mended.len));
	MUST(utf8_span(mended.p, mended.len) == mended.len);
	MUST(utf8_span(text, len) <= len);
	json_string(&json, mended.p, mended.len);
	read_line(json.p, json.len);
	MUST(is_visible(json.p, json.len));
	json_string_read(&read, json.p, json.len);
	MUST(read.len == mended.len);
	MUST(read.len == 0 || memcmp(read.p, mended.p, read.len) == 0);
	buf_clear(&json);
	json_string_cut(&json, text, len, 40);
	MUST(json.len <= 40);
	read_line(json.p, json.len);
	buf_free(&mended);
	buf_free(&json);
	buf_free(&read);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_lengths((const char *)data, size);
	check_visible((const char *)data, size);
	check_json((const char *)data, size);
	return 0;
}
