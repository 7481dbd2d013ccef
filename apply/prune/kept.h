/* SPDX-License-Identifier: MIT */
#ifndef WOS_KEPT_H
#define WOS_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"

/*
 * Whose payload a rebuild needs: of the events that rows, tombstones and
 * orphans come from, and of those that filled what no item of a list has.  An
 * event has eight bytes here; two that are taken for one only keep a payload
 * more.
 */
struct kept {
	uint64_t *hash; /* an open hash table, at most half full; 0 is free */
	size_t n, size;
};

/* Zero-initialise it, release it.  Takes those of before that time. */
enum db_result kept_read(struct kept *k, struct db *db, int64_t before);
void kept_release(struct kept *k);

bool kept_has(const struct kept *k, const char *id, size_t len, int64_t at);

#endif
