/* SPDX-License-Identifier: MIT */
#ifndef WOS_VALUES_H
#define WOS_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "names.h"

/*
 * The most bytes of one value in a saved file: a page of the largest size,
 * laid out with white space.
 */
#define SAVED_MAX (16 << 20)

/*
 * Saved answers: JSON values one after the other, in any layout, each a page of
 * the list or an event.  Brackets alone show where a value ends; then it is
 * checked as strictly as an answer of the API.
 */
struct values {
	const struct names *types; /* to keep, or NULL */
	uint64_t left;             /* events that may still be written */
	struct buf lines;        /* of those that stay; the caller takes them */
	struct buf value;        /* what has been read of the one at hand */
	size_t line, value_line; /* from 1 on */
	unsigned depth;          /* 0: none is at hand */
	bool string, escape;
};

/*
 * Takes in some bytes.  Returns NULL; or why they can't be saved answers, with
 * the value at fault, or its beginning, still at hand.
 */
const char *values_take(struct values *v, const char *p, size_t len);

/* Begins another file. */
void values_begin(struct values *v);
void values_release(struct values *v);

#endif
