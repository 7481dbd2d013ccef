/* SPDX-License-Identifier: MIT */
#ifndef WOS_DECODE_H
#define WOS_DECODE_H

#include <stddef.h>

#include "buf.h"

/* A reason: names the object and the member, and may quote the line. */
#define DECODE_WHY_SIZE 256

/*
 * The longest key, in bytes: of an event, an object, a parent.  WorkOS' ids
 * have some 40; PostgreSQL's indexes take no entry above 2700.
 */
#define DECODE_MAX_KEY 512

struct decoder;

/* Returns a decoder for decoder_free; running out of memory ends the program.
 */
struct decoder *decoder_new(void);
void decoder_free(struct decoder *d);

/*
 * Adds the group of a line to `out`: for an event, a ledger entry and what the
 * catalogue says its type does.  `size` is the line's true length, more than
 * `len` where the line was too long to be kept.
 *
 * Returns 0, or -1 with the reason in decoder_why if the line is no event, or
 * lacks what its table's key needs, or has a value that its column can't
 * take; then the group that was added parks the line.  It is named after the
 * event if an id could be read, so that a cursor moves past it, and
 * parked:HASH if not.
 */
int decoder_line(struct decoder *d, const char *line, size_t len, size_t size,
    struct buf *out);

/* The reason of the last refusal, fit to be printed. */
const char *decoder_why(const struct decoder *d);

/* The id of the last line's event, "" if none could be read. */
const char *decoder_event_id(const struct decoder *d);

#endif
