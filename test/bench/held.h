/* SPDX-License-Identifier: MIT */
#ifndef WOS_BENCH_HELD_H
#define WOS_BENCH_HELD_H

#include <stdbool.h>
#include <stddef.h>

#include "db.h"

/*
 * What the floors write: the statements of a stream of wos-decode's, in memory.
 * They live as long as the program.
 */

struct write {
	struct query *query; /* NULL: a group ends here */
	size_t first, n;     /* its values, in `value` */
};

struct held {
	struct write *write;
	size_t nwrites;
	struct value *value;
	size_t nvalues;
	struct query *query; /* each that a write has */
	size_t nqueries;
};

/*
 * Reads the file, or ends the program and says why.  `without_guards`: no
 * tombstones are looked for, no stamps compared, and no orphans noted.
 */
struct held held_read(const char *path, bool without_guards);

/* What the clock says that only goes on. */
double held_seconds(void);

#endif
