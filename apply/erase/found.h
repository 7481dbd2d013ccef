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
	struct found_text {
		char *text;
		size_t len;
		enum erased_kind kind;
	} * text;
	size_t n;
};

/* Adds one, unless it is there.  An address that was named stays one. */
void found_add(
    void *found, enum erased_kind kind, const char *text, size_t len);

void found_release(struct found *f);

#endif
