/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: saved files.  The first byte says how the file is cut up as it
 * is read, which changes nothing; the lines that come out are read again as
 * they are; and no more of them come than are asked for.
 */
#include "events/values.h"
#include "fuzz.h"

#define MOST 1000

/* Reads the text in pieces.  Returns why it is refused, or NULL. */
static const char *
read_values(struct values *v, const char *text, size_t size, size_t piece)
{
	const char *why = NULL;
	size_t n;

	values_begin(v);
	for (size_t at = 0; why == NULL && at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		why = values_take(v, text + at, n);
		MUST(v->depth <= v->value.len);
		MUST(v->value.len <= at + n);
	}
	return why;
}

static size_t
count_lines(const struct buf *lines)
{
	const char *p = lines->p, *newline;
	size_t n = 0, left = lines->len;

	for (; left > 0; left -= (size_t)(newline + 1 - p), p = newline + 1) {
		MUST((newline = memchr(p, '\n', left)) != NULL);
		read_line(p, (size_t)(newline - p));
		n++;
	}
	return n;
}

static void
check_same(const struct buf *a, const struct buf *b)
{
	MUST(a->len == b->len);
	MUST(a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct values whole = {.left = MOST}, cut = whole, again = whole;
	const char *text = (const char *)data + 1, *why;

	if (size-- == 0)
		return 0;
	why = read_values(&whole, text, size, size + 1);
	MUST(read_values(&cut, text, size, *data + 1U) == why);
	check_same(&whole.lines, &cut.lines);
	MUST(whole.line == cut.line && whole.value_line == cut.value_line);
	MUST(count_lines(&whole.lines) == MOST - whole.left);
	why = read_values(
	    &again, buf_str(&whole.lines), whole.lines.len, *data + 1U);
	/* A page may have an event that, alone, is none. */
	if (why == NULL) {
		MUST(again.depth == 0 && again.left == whole.left);
		check_same(&again.lines, &whole.lines);
	}
	values_release(&whole);
	values_release(&cut);
	values_release(&again);
	return 0;
}
