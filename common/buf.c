/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "memory.h"

/* From here on a buffer grows by a quarter, and not to twice its size. */
#define LARGE ((size_t)1024 * 1024)

void
buf_grow(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;

	if (b->len > (size_t)-1 / 4 - more)
		memory_out();
	while (cap - b->len < more)
		cap += cap < LARGE ? cap : cap / 4;
	b->p = memory_more(b->p, cap, 1);
	b->cap = cap;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		memory_out();
	buf_reserve(b, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

const char *
buf_str(struct buf *b)
{
	buf_reserve(b, 1);
	b->p[b->len] = '\0';
	return b->p;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
}

void
buf_trim(struct buf *b, size_t most)
{
	if (b->cap > most)
		buf_free(b);
	b->len = 0;
}

void
buf_consume(struct buf *b, size_t len)
{
	b->len -= len;
	if (b->len > 0)
		memmove(b->p, b->p + len, b->len);
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}
