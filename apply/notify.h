/* SPDX-License-Identifier: MIT */
#ifndef WOS_NOTIFY_H
#define WOS_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

/*
 * What a service manager hears where it has set NOTIFY_SOCKET, as sd_notify(3)
 * says: that the service has started, with the first of these calls, and a line
 * on how far it is.  Elsewhere, and where nobody listens, all of this does
 * nothing.
 */

/* Opens the socket: nothing needs to be opened for it later. */
void notify_init(void);

/* So many groups are in the database since the program began. */
void notify_applied(size_t events, size_t parked);

/* All of the stream is, up to its end at this time (Unix milliseconds). */
void notify_tail(int64_t ms);

#endif
