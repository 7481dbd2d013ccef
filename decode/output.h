/* SPDX-License-Identifier: MIT */
#ifndef WOS_OUTPUT_H
#define WOS_OUTPUT_H

#include "buf.h"

/*
 * What has been decoded, on its way to standard output.  A pipe holds 1 MiB,
 * and wos-apply reads nothing while it waits for its disk, once a batch.  A
 * thread holds that much more here, so that decoding goes on meanwhile.  Where
 * none can be started, all is written at once.
 */

/*
 * What is held at most, in bytes, unless one event has more.  A sync that takes
 * 30 ms is 5 MB of SQL; with 16 MiB the pipe is no faster, with 4 now and then
 * slower.
 */
#define OUTPUT_HELD_BYTES ((size_t)8 * 1024 * 1024)

/*
 * Takes the bytes and leaves an empty buffer, which stays the caller's.  Waits
 * while too much is held.  Returns 0, or -1 with errno set if they or earlier
 * ones could not be written; nothing is written any more then.
 */
int output_write(struct buf *bytes);

/* Waits until all has been written.  Returns what output_write does. */
int output_drain(void);

#endif
