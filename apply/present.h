/* SPDX-License-Identifier: MIT */
#ifndef WOS_PRESENT_H
#define WOS_PRESENT_H

#include <stdbool.h>
#include <stddef.h>

#include "db.h"

/*
 * What a database has: "table", "table.column" and "table/index", and what else
 * an end looks for.  Zero-initialise it, release it.
 */
struct present {
	char **name;
	size_t n, cap;
};

/* Adds a row, whose two columns make a name; for struct present. */
void present_add(void *present, const struct value *row, size_t n);

/* To be called when all is there. */
void present_sort(struct present *p);

/* Has the database a table, or with `what` its ".column" or "/index"? */
bool present_has(
    const struct present *p, const char *table, char mark, const char *what);

void present_release(struct present *p);

#endif
