/* SPDX-License-Identifier: MIT */
#ifndef WOS_NEAREST_H
#define WOS_NEAREST_H

#include <stddef.h>

/*
 * Did you mean: of several words the one that is nearest to what was typed.
 * Zero-initialise it but for the word, and try all candidates, which stay the
 * caller's; then `found` is the nearest one, or NULL if none is near.
 */
struct nearest {
	const char *word;
	const char *found;
	size_t distance; /* of `found` */
};

void nearest_try(struct nearest *n, const char *candidate);

/* For messages: "; did you mean X?", in a buffer of its own, or "". */
const char *nearest_hint(const struct nearest *n);

#endif
