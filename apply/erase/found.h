/* SPDX-License-Identifier: MIT */
#ifndef WOS_FOUND_H
#define WOS_FOUND_H

#include "buf.h"
#include "db.h"
#include "forget/erased.h"

/*
 * The people of one run: what was named, and what was found of them since.
 * Their ids and addresses are here as they are, and as hashes for forget/.
 */
struct found {
	struct erased erased; /* with no salt */
	int64_t now;
	bool dry;   /* nothing is to change, not even the schema, */
	bool lacks; /* and that lacks something */
	struct found_text {
		char *text;
		size_t len;
		enum erased_kind kind;
	} * text;
	size_t n;
};

/*
 * In this order it goes, so that who runs an erasure again that did not end
 * finds what is left: by an address as long as something tells whose it was, by
 * an id as long as something tells that its person had the address which was
 * named.
 */
enum erase_step {
	ERASE_TOLD,  /* what tells nothing more of them */
	ERASE_IDS,   /* what has an id beside an address */
	ERASE_NAMED, /* what has an id beside an address that was named */
	ERASE_ALL,   /* in a dry run */
};

/*
 * What a question has come to.  In a dry run, one about a table or a column
 * that a database of an older version lacks has found nothing.
 */
enum db_result found_asked(struct found *f, enum db_result rc);

/* Is one of this kind among them? */
bool found_has(const struct found *f, enum erased_kind kind);

/* Adds one, unless it is there.  An address that was named stays one. */
void found_add(
    void *found, enum erased_kind kind, const char *text, size_t len);

void found_release(struct found *f);

#endif
