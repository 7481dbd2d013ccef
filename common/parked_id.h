/* SPDX-License-Identifier: MIT */
#ifndef WOS_PARKED_ID_H
#define WOS_PARKED_ID_H

#include <stddef.h>

/* parked: and 32 hex digits, with the NUL. */
#define PARKED_ID_SIZE 40

/*
 * What identifies a parked line or group: half of a SHA-256, so that none can
 * hide behind another.  It is of the text as any database holds it, with
 * U+FFFD for bytes that are no UTF-8: taken out of one and parked again it has
 * the same id.  `size` is its true length, more than `len` of what is cut off.
 */
void parked_id(
    const char *text, size_t len, size_t size, char id[PARKED_ID_SIZE]);

#endif
