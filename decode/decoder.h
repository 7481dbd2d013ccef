/* SPDX-License-Identifier: MIT */
#ifndef WOS_DECODER_H
#define WOS_DECODER_H

#include <stddef.h>

#include "buf.h"
#include "filter.h"

struct decoder;

/*
 * Returns a decoder for decoder_free.  Lines go through the filter, which may
 * be NULL and stays the caller's.
 */
struct decoder *decoder_new(struct filter *filter);
void decoder_free(struct decoder *d);

/*
 * Adds the group of a line to `out`: for an event, a ledger entry and what the
 * catalogue says its type does.  `size` is the line's true length, more than
 * `len` where the line was too long to be kept.  What the filter makes of a
 * line stands in its place; a line that it could not be run over is parked as
 * it is.
 *
 * Returns 0, or -1 with the reason in decoder_why if the line is no event, or
 * lacks what its table's key needs, or has a value that its column can't
 * take, or the filter failed; then the group that was added parks the line.  It
 * is named after the event if an id could be read, so that a cursor moves past
 * it, and parked:HASH if not.
 */
int decoder_line(struct decoder *d, const char *line, size_t len, size_t size,
    struct buf *out);

/* The reason of the last refusal, fit to be printed. */
const char *decoder_why(const struct decoder *d);

/* The id of the last line's event, "" if none could be read. */
const char *decoder_event_id(const struct decoder *d);

#endif
