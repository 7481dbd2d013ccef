/* SPDX-License-Identifier: MIT */
#ifndef WOS_JSONTEXT_H
#define WOS_JSONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/*
 * The text of JSON values (RFC 8259).  libjq turns numbers into doubles and
 * forgets how they were written; what has to survive digit for digit is cut
 * from the text with these.  They pass nothing that libjq would not read, which
 * test/fuzz/decode.c holds them to.
 */

/*
 * Deeper nesting is refused.  libjq 1.6 gives up at 256 levels by itself; an
 * event is an envelope and a few levels of data.
 */
#define JSONTEXT_MAX_DEPTH 200

struct jsonspan {
	const char *p; /* NULL: there is no such value */
	size_t len;    /* bytes */
};

/*
 * Checks that the text is one JSON value with nothing but white space around
 * it: strictly by the RFC's grammar, and nested no deeper than the maximum.
 * UTF-8 inside strings is not checked.  Returns the value without the white
 * space, or a span whose p is NULL, with the reason in *why and the offset
 * in *at.
 */
struct jsonspan jsontext_check(
    const char *text, size_t len, const char **why, size_t *at);

/*
 * The functions below take a value that jsontext_check has passed, or a part
 * of one that they have returned.  What they return points into it.
 */

/*
 * The value of an object's member, the last one where the name stands more
 * than once, as libjq has it.  The name is compared with escapes resolved.
 * A span whose p is NULL if the value is no object or has no such member.
 */
struct jsonspan jsontext_member(struct jsonspan object, const char *name);

/* The values of n of them, in one walk over its text. */
void jsontext_pick(struct jsonspan object, size_t n, const char *const names[],
    struct jsonspan found[]);

/*
 * The members of an object, found in one walk over its text.  Objects with
 * more members than there is room for are refused; the largest of the API has
 * 20.
 */
#define JSONTEXT_MAX_MEMBERS 128

struct jsonmembers {
	size_t n;
	struct {
		struct jsonspan name; /* with its quotes */
		struct jsonspan value;
	} member[JSONTEXT_MAX_MEMBERS];
};

/* Returns 0, or -1 if the value is no object or has too many members. */
int jsontext_members(struct jsonspan object, struct jsonmembers *members);

/* The value of the member of that name, as jsontext_member finds it. */
struct jsonspan jsontext_find(
    const struct jsonmembers *members, const char *name);

/*
 * Walks an array: *next starts as NULL and keeps the place.  Returns false
 * after the last element, and at once if the value is no array.
 */
bool jsontext_element(
    struct jsonspan array, const char **next, struct jsonspan *element);

/*
 * Adds the value to `out` with the insignificant white space left out and
 * every other byte as it is.
 */
void jsontext_compact(struct jsonspan value, struct buf *out);

/*
 * The value with U+FFFD for the escapes of what no text in a database holds:
 * U+0000, and surrogates without their other half (libjq 1.6 refuses a whole
 * text for one of these).  Returns the value itself if it has no escapes, or
 * a copy in *mended, which is overwritten.
 */
struct jsonspan jsontext_mend(struct jsonspan value, struct buf *mended);

#endif
