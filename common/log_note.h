/* SPDX-License-Identifier: MIT */
#ifndef WOS_LOG_NOTE_H
#define WOS_LOG_NOTE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The errors of all programs of a run, for who started them: a file that is
 * open to be appended to, whose descriptor is in WOS_ERRORS_FD.  A line each:
 *
 *	program <tab> exit status <tab> HTTP status <tab> message
 *
 * where 0 is a status that is not known, and all of the message is visible.
 * A line without a program is no error: LOG_NOTE_DONE says that the end of the
 * run is on record.
 */
#define LOG_NOTE_DONE "done"

/*
 * Takes the descriptor from the environment.  To be called before anything is
 * opened, whose descriptor could be the same by chance.
 */
void log_note_init(void);

/*
 * Whoever holds the lock of the file begins with it anew: if errors go to this
 * descriptor, there are none in its file yet.
 */
void log_note_begin(int fd);

/* Takes a field of the next error: exit_status, http_status or signal. */
void log_note_field(const char *name, int64_t value);

/* Adds an error, if they are wanted, and forgets the fields. */
void log_note(const char *program, const char *text, size_t len);

/* Forgets the fields: what they belong to was no error. */
void log_note_forget(void);

#endif
