/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "window.h"

struct window *
window_new(int64_t start, int64_t end, unsigned limit)
{
	struct window *win = memory_new(1, sizeof *win);

	win->start = start;
	win->end = end;
	win->limit = limit;
	win->due = DUE_NOW;
	win->last = &win->first;
	return win;
}

void
window_free(struct window *win)
{
	struct chunk *chunk;

	if (win == NULL)
		return;
	if (win->request != NULL)
		request_stop(win->request);
	while ((chunk = window_take_chunk(win)) != NULL)
		chunk_free(chunk);
	buf_free(&win->why);
	free(win);
}

/* FNV-1a; a chance of 1 in 2^64 to take two cursors for one is none. */
static uint64_t
hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h;
}

/*
 * Finds a circle of up to CURSORS_KEPT pages before it takes any page twice,
 * and a longer one later, with Brent's algorithm: the mark moves up each time
 * that the number of pages has doubled.
 */
bool
window_been_at(struct window *win, const char *cursor)
{
	uint64_t h = hash(cursor);
	uint64_t kept = win->nseen < CURSORS_KEPT ? win->nseen : CURSORS_KEPT;

	for (uint64_t i = 0; i < kept; i++)
		if (win->seen[i] == h)
			return true;
	if (win->nseen > 0 && win->mark == h)
		return true;
	win->seen[win->nseen++ % CURSORS_KEPT] = h;
	if ((win->nseen & (win->nseen - 1)) == 0)
		win->mark = h;
	return false;
}

void
window_fail(struct window *win, const struct request *r, int status,
    const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) == -1)
		memory_out();
	va_end(ap);
	buf_clear(&win->why);
	buf_puts(&win->why, text);
	buf_str(&win->why);
	free(text);
	win->failed = status;
	win->http_status = r->status;
	memcpy(win->request_id, r->id, sizeof win->request_id);
}

void
window_add_chunk(struct window *win, struct chunk *chunk)
{
	*win->last = chunk;
	win->last = &chunk->next;
}

struct chunk *
window_take_chunk(struct window *win)
{
	struct chunk *chunk = win->first;

	if (chunk == NULL)
		return NULL;
	win->first = chunk->next;
	if (win->first == NULL)
		win->last = &win->first;
	return chunk;
}

void
chunk_free(struct chunk *chunk)
{
	buf_free(&chunk->lines);
	free(chunk);
}
