/* SPDX-License-Identifier: MIT */
#ifndef WOS_LINES_H
#define WOS_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/*
 * A line longer than this is parked with its beginning only.  An event is a
 * few kilobytes; 2 MiB leaves room for an organization of 5000 domains.  It
 * bounds the program's memory, to 64 MiB with all that becomes of it.
 */
#define LINE_MAX_BYTES (2 * 1024 * 1024)

struct lines {
	int fd;
	struct buf buf;
	size_t used; /* bytes of buf that are behind us */
};

struct line {
	const char *p; /* valid until the next call; not NUL-terminated */
	size_t len;    /* without the newline */
	size_t size;   /* the true length, where the line was too long */
};

/*
 * Takes the next line.  Returns 1; 0 at the end; -1 with errno set if reading
 * failed, or with errno 0 if the last line has no newline: it was cut short.
 */
int lines_next(struct lines *in, struct line *line);

/* Can the next line be had without reading? */
bool lines_ready(const struct lines *in);

/* Is there something to read, be it the end, without waiting for it? */
bool lines_waiting(const struct lines *in);

void lines_release(struct lines *in);

#endif
