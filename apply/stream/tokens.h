/* SPDX-License-Identifier: MIT */
#ifndef WOS_TOKENS_H
#define WOS_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

/* The tokens of a form: words, "names", $numbers, punctuation. */
struct tokens {
	const char *p; /* what is left */
	const char *end;
	const char *token; /* the one at hand */
	size_t len;
};

/* Goes on to the next; returns false, with the last one still there, at the
 * end. */
bool tokens_next(struct tokens *t);

/* Is the one at hand this word, or this character? */
bool tokens_is(const struct tokens *t, const char *word);

/*
 * Puts the name that the one at hand is, without its quotes, into `name` of
 * `size` bytes.  Returns false if it is none, or a longer one.
 */
bool tokens_name(const struct tokens *t, char *name, size_t size);

/* Is it a "name"; and one that ends in a dot, as a table's before a column's?
 */
bool tokens_is_name(const struct tokens *t);
bool tokens_is_qualifier(const struct tokens *t);

#endif
