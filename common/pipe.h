#ifndef WOS_PIPE_H
#define WOS_PIPE_H

/*
 * Asks for a large pipe, where `fd` is one and the system has such a call: the
 * programs at the ends of a usual one, of 64 KiB, wait for each other every
 * 30 events.  It stays as it is where that is not granted.
 */
void pipe_enlarge(int fd);

#endif
