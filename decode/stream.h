/* SPDX-License-Identifier: MIT */
#ifndef WOS_STREAM_H
#define WOS_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "decoder.h"

/* Decodes lines of events from files to standard output, and reports on it. */
struct stream {
	struct decoder *decoder;
	bool strict; /* a line that can't be decoded is the end */

	/* What was done so far. */
	int64_t lines, parked, bytes_in, bytes_out;
};

/* Begins the program's span, with these numbers: *s is to stay where it is. */
void stream_trace(struct stream *s);

/* Decodes all lines of a file, "-" for standard input.  Ends on a failure. */
void stream_file(struct stream *s, const char *name);

#endif
