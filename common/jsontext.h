/* SPDX-License-Identifier: MIT */
#ifndef WOS_JSONTEXT_H
#define WOS_JSONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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

/* Is there a value, and is it a string? */
static inline bool
jsontext_is_string(struct jsonspan value)
{
	return value.p != NULL && *value.p == '"';
}

/* Are the two values written alike, byte for byte? */
static inline bool
jsontext_is_alike(struct jsonspan a, struct jsonspan b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

/*
 * A walk over a text, which checks it on its way: strictly by the RFC's
 * grammar, and nested no deeper than the maximum.  UTF-8 inside strings is not
 * checked.  Once something is wrong, all of these return false, or a span
 * whose p is NULL, `why` says what, and p is where.
 */
struct jsonwalk {
	const char *p, *end;
	const char *why; /* or NULL */
	unsigned depth;
	bool first;       /* of the innermost brackets, nothing is passed yet */
	struct buf *out;  /* what jsonwalk_keep has named, or NULL */
	const char *from; /* where that goes on */
};

/* Begins before the value that the text is. */
void jsonwalk_begin(struct jsonwalk *w, const char *text, size_t len);

/* Into what the walk is before, if it begins with this bracket, { or [. */
bool jsonwalk_into(struct jsonwalk *w, char bracket);

/*
 * On to the next member's value, or to the next element of an array; false,
 * and behind the closing bracket, if there is none.  The name has its quotes.
 */
bool jsonwalk_member(struct jsonwalk *w, struct jsonspan *name);
bool jsonwalk_element(struct jsonwalk *w);

/* Past a value and all that is in it.  Returns its text. */
struct jsonspan jsonwalk_value(struct jsonwalk *w);

/*
 * Past an object.  Returns the values of n of its members, each the last one
 * where the name stands more than once, as libjq has it, or spans whose p is
 * NULL.  Returns false, and passes nothing, if it is no object.
 */
bool jsonwalk_pick(struct jsonwalk *w, size_t n, const char *const names[],
    struct jsonspan found[]);

/* Is there nothing but white space behind the value? */
bool jsonwalk_end(struct jsonwalk *w);

/*
 * Between the two all that is passed is added to `out`, but for the
 * insignificant white space.
 */
void jsonwalk_keep(struct jsonwalk *w, struct buf *out);
void jsonwalk_kept(struct jsonwalk *w);

/* Is the string, with its quotes, this one of ASCII, however it is escaped? */
bool jsontext_is(struct jsonspan string, const char *text);

/*
 * Walks over a whole text, with nothing but white space around its value.
 * Returns the value without that, or a span whose p is NULL, with the reason in
 * *why and the offset in *at.
 */
struct jsonspan jsontext_check(
    const char *text, size_t len, const char **why, size_t *at);

/*
 * The functions below take a value that a walk has passed.  What they return
 * points into it.
 */

/*
 * The value of an object's member, the last one where the name stands more
 * than once, as libjq has it.  The name is compared with escapes resolved.
 * A span whose p is NULL if the value is no object or has no such member.
 */
struct jsonspan jsontext_member(struct jsonspan object, const char *name);

/* A longer name is no part of a path. */
#define JSONTEXT_MAX_NAME 64

/* The value at a path, as role.slug; of the value itself, it is "". */
struct jsonspan jsontext_at(struct jsonspan value, const char *path);

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
