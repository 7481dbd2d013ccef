/* SPDX-License-Identifier: MIT */
#include "mend.h"
#include "utf8.h"

void
mend_utf8(struct buf *out, const char *text, size_t len)
{
	size_t n;

	while ((n = utf8_span(text, len)) < len) {
		buf_add(out, text, n);
		buf_puts(out, UTF8_REPLACEMENT);
		text += n + 1;
		len -= n + 1;
	}
	buf_add(out, text, n);
}
