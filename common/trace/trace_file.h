/* SPDX-License-Identifier: MIT */
#ifndef WOS_TRACE_FILE_H
#define WOS_TRACE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/*
 * The file of spans, to which all programs of a run append.  Whatever it is,
 * none of them fails for it, or waits.
 */

/* Opens or makes it.  Returns a descriptor, or -1 if it is no plain file. */
int trace_file_open(const char *name);

/*
 * Appends the line in one write, unless the file would have more than `most`
 * bytes then.  Was it all written?
 */
bool trace_file_append(int fd, const struct buf *line, int64_t most);

#endif
