/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>

#include "utf8.h"

size_t
utf8_length(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xBF; /* bounds of the second byte */
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xC2 && s[0] <= 0xDF)
		n = 2;
	else if ((s[0] & 0xF0) == 0xE0)
		n = 3;
	else if (s[0] >= 0xF0 && s[0] <= 0xF4)
		n = 4;
	else
		return 0;
	if (s[0] == 0xE0)
		low = 0xA0;
	else if (s[0] == 0xED)
		high = 0x9F;
	else if (s[0] == 0xF0)
		low = 0x90;
	else if (s[0] == 0xF4)
		high = 0x8F;
	if (len < n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	return n;
}

/* Those of three bytes: U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069. */
static bool
is_control_of_3(unsigned char middle, unsigned char last)
{
	if (middle == 0x80)
		return last == 0x8E || last == 0x8F ||
		       (last >= 0xA8 && last <= 0xAE);
	return middle == 0x81 && last >= 0xA6 && last <= 0xA9;
}

bool
utf8_is_control(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;

	if (n == 1)
		return s[0] < 0x20 || s[0] == 0x7F;
	if (n == 2) /* C1, and U+061C */
		return (s[0] == 0xC2 && s[1] < 0xA0) ||
		       (s[0] == 0xD8 && s[1] == 0x9C);
	return n == 3 && s[0] == 0xE2 && is_control_of_3(s[1], s[2]);
}

size_t
utf8_span(const char *text, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	size_t i = 0, n;
	uint64_t word;

	while (i < len) {
		/* Eight at a time, as long as they are ASCII. */
		for (; len - i >= sizeof word; i += sizeof word) {
			memcpy(&word, text + i, sizeof word);
			if (((word | (word - ones)) & high) != 0)
				break;
		}
		if (i == len || text[i] == '\0' ||
		    (n = utf8_length(text + i, len - i)) == 0)
			break;
		i += n;
	}
	return i;
}

size_t
utf8_mark(const char *text, size_t len)
{
	return len >= UTF8_MARK_LEN &&
		       memcmp(text, UTF8_MARK, UTF8_MARK_LEN) == 0
		   ? UTF8_MARK_LEN
		   : 0;
}
