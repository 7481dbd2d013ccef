/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHANGE_SPOOL_H
#define WOS_CHANGE_SPOOL_H

#include <stdbool.h>
#include <stdio.h>

#include "buf.h"

/*
 * Lines that wait for their transaction's commit, in memory and, if they are
 * many, in a file.
 */

/*
 * What is in memory of them, in bytes.  The end of a directory takes along as
 * many rows as it had users, of which there may be 500,000.
 */
#define SPOOL_MEMORY ((size_t)1 << 20)

struct spool {
	struct buf text; /* behind what is in the file */
	FILE *file;      /* without a name */
	size_t filed;    /* bytes in it */
};

/* Makes its file, for later.  Ends the program if there can't be one. */
void spool_init(struct spool *s);

/*
 * Adds a line, with its newline.  Ends the program if the file can't be
 * written.
 */
void spool_add(struct spool *s, const struct buf *line);

/* How long it is; and forgets what is behind that length. */
size_t spool_size(const struct spool *s);
void spool_cut(struct spool *s, size_t size);

/*
 * Gives away all lines, some at a time, until one is refused.  Returns false
 * then.
 */
typedef bool spool_fn(void *arg, const char *lines, size_t len);
bool spool_each(struct spool *s, spool_fn *take, void *arg);

void spool_free(struct spool *s);

#endif
