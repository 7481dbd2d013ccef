/* SPDX-License-Identifier: MIT */
#ifndef WOS_OTLP_SPOOL_H
#define WOS_OTLP_SPOOL_H

#include <stdint.h>

#include "buf.h"

/* The file to which the programs of a run append their spans. */

/* What is posted at once, in bytes. */
#define SPOOL_CHUNK ((size_t)1024 * 1024)

/* So many bytes that have been posted are worth being taken out. */
#define SPOOL_KEEP ((int64_t)SPOOL_CHUNK)

struct spool {
	struct buf resource; /* its attributes, as OTLP/JSON */
	int fd;
	char *name;
	int64_t done; /* what comes before that is posted, or given up */
};

/* Makes the file, for the user's eyes alone.  Returns 0, or -1 with errno. */
int spool_init(struct spool *s);

/* Takes the file away.  What is in it can still be read. */
void spool_unlink(struct spool *s);
void spool_release(struct spool *s);

/* Is there anything that is not posted? */
int64_t spool_left(const struct spool *s);

/*
 * Adds the next lines as the body of one request to `body`; *spans is how many
 * spans that is, *next where to go on.  A line that is broken, or none of ours,
 * is left out. Returns 1, 0 if there is nothing left, or -1 with errno.
 */
int spool_read(
    const struct spool *s, struct buf *body, int64_t *spans, int64_t *next);

/* How many spans are not posted. */
int64_t spool_count(const struct spool *s);

/*
 * Takes out what is posted, so that the file stays small however long the run.
 * Those who write to it don't notice.
 */
void spool_shrink(struct spool *s);

#endif
