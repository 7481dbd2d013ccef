/* SPDX-License-Identifier: MIT */
#ifndef WOS_PIPE_H
#define WOS_PIPE_H

#include <stddef.h>

/*
 * Asks for a large pipe, where `fd` is one and the system has such a call: the
 * programs at the ends of a usual one, of 64 KiB, wait for each other every
 * 30 events.  It stays as it is where that is not granted.
 */
void pipe_enlarge(int fd);

/*
 * Writes all the bytes, through interruptions.  Returns 0, or the errno of the
 * write that failed.
 */
int pipe_write(int fd, const char *bytes, size_t len);

#endif
