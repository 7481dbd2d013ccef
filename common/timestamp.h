/* SPDX-License-Identifier: MIT */
#ifndef WOS_TIMESTAMP_H
#define WOS_TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that timestamp_format writes, with the NUL: 2025-12-24T20:02:23.220Z */
#define TIMESTAMP_SIZE 25

/*
 * Reads an ISO 8601 date and time as WorkOS and its documents write them:
 * `T` or a space between date and time, 0 to 9 digits of a second's fraction,
 * `Z`, an offset (+02:00, +0200, +02) or nothing, which means UTC.  A date
 * alone means its midnight.  Years 0001 to 9999 of the Gregorian calendar.
 * Returns 0 with the Unix time in milliseconds in *ms, rounded down, or -1
 * with *ms untouched if the text is anything else.
 */
int timestamp_parse(const char *s, size_t len, int64_t *ms);

/*
 * Writes a Unix time in milliseconds as 2025-12-24T20:02:23.220Z.  Times that
 * timestamp_parse can't have made are written as the nearest that it can.
 */
void timestamp_format(int64_t ms, char out[TIMESTAMP_SIZE]);

/*
 * Reads the time in a ULID: the last 26 characters of an event id.  Returns 0
 * with Unix milliseconds in *ms, or -1 if the id does not end in a ULID.
 */
int timestamp_of_ulid(const char *id, size_t len, int64_t *ms);

#endif
