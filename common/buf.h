/* SPDX-License-Identifier: MIT */
#ifndef WOS_BUF_H
#define WOS_BUF_H

#include <stddef.h>
#include <string.h>

/*
 * A byte buffer that grows.  Zero-initialise it, release it with buf_free.
 * Running out of memory ends the program with status 1: every buffer is
 * bounded by a named limit of its owner, so there is nothing to fall back to.
 */
struct buf {
	char *p;    /* not NUL-terminated unless buf_str was called */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
};

/* Makes more room; for buf_reserve. */
void buf_grow(struct buf *b, size_t more);

/* Makes room for `more` bytes after the ones in use. */
static inline void
buf_reserve(struct buf *b, size_t more)
{
	if (more > b->cap - b->len)
		buf_grow(b, more);
}

static inline void
buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (len == 0)
		return; /* when there may be no bytes to point at */
	buf_reserve(b, len);
	memcpy(b->p + b->len, bytes, len);
	b->len += len;
}

static inline void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void
buf_putc(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->p[b->len++] = c;
}

void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns the bytes as a string; the NUL does not count in b->len. */
const char *buf_str(struct buf *b);

/* Forgets the bytes and keeps the memory. */
void buf_clear(struct buf *b);

/* Forgets the bytes, and the memory too if there is more of it than `most`. */
void buf_trim(struct buf *b, size_t most);

/* Forgets the first `len` bytes and moves the rest to the front. */
void buf_consume(struct buf *b, size_t len);

void buf_free(struct buf *b);

#endif
