/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "hex.h"
#include "pairs.h"

static const char blank[] = " \t";

/* Decodes the text without the blanks around it.  Returns 0, or -1. */
static int
decode(const char *p, const char *end, struct buf *out)
{
	buf_clear(out);
	while (p < end && strchr(blank, *p) != NULL)
		p++;
	while (end > p && strchr(blank, end[-1]) != NULL)
		end--;
	for (; p < end; p++) {
		int high, low;

		if (*p != '%') {
			buf_putc(out, *p);
			continue;
		}
		if (end - p < 3 || (high = hex_digit(p[1])) == -1 ||
		    (low = hex_digit(p[2])) == -1 || high + low == 0)
			return -1;
		buf_putc(out, (char)(high * 16 + low));
		p += 2;
	}
	return 0;
}

int
pairs_next(const char **list, struct buf *name, struct buf *value)
{
	const char *p = *list + strspn(*list, ", \t"), *end, *equals;

	if (*p == '\0')
		return 0;
	end = p + strcspn(p, ",");
	*list = end;
	equals = memchr(p, '=', (size_t)(end - p));
	if (equals == NULL || decode(p, equals, name) == -1 ||
	    decode(equals + 1, end, value) == -1 || name->len == 0)
		return -1;
	return 1;
}
