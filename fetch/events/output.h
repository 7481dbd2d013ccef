/* SPDX-License-Identifier: MIT */
#ifndef WOS_OUTPUT_H
#define WOS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "filter.h"

/*
 * Standard output, written without waiting: while the reader is busy, the
 * program serves the network.
 */
struct output {
	int fd;
	bool waits; /* a pipe or a terminal; a file always takes it all */
	struct filter *filter; /* or NULL */
	struct buf lines;
	size_t written;
};

/* The filter, which may be NULL, stays the caller's. */
void output_init(struct output *o, int fd, struct filter *filter);
void output_release(struct output *o);

bool output_pending(const struct output *o);

/*
 * Takes over the lines, and through the filter, which leaves an empty buffer.
 * Nothing is pending.
 */
void output_put(struct output *o, struct buf *lines);

/*
 * Writes what can be written at once.  Ends the program on an error: quietly,
 * as a filter does, if nobody reads any more.
 */
void output_write(struct output *o);

/*
 * How long a reader may take, in ms, for the rest of a line after a signal.  A
 * reader that reads at all takes it at once.
 */
#define STOP_MS 1000

/*
 * Writes everything, however long that takes.  `wake` is stop_init's: after a
 * signal it writes the current line to its end, and ends the program by that
 * signal.
 */
void output_drain(struct output *o, int wake);

#endif
