/* SPDX-License-Identifier: MIT */
#ifndef WOS_ENVELOPE_H
#define WOS_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "jsontext.h"

/* What says of each event which it is. */
enum { ENVELOPE_ID, ENVELOPE_EVENT, ENVELOPE_AT, ENVELOPE_MEMBERS };
extern const char *const envelope_name[ENVELOPE_MEMBERS];

/*
 * Has the object these members and no other?  It is what wos-decode keeps of an
 * event that its filter has dropped; the API's have an "object", at least.
 */
bool envelope_is_all(struct jsonspan object);

/* Adds an object of just these members. */
void envelope_add(
    struct buf *out, struct jsonspan id, struct jsonspan type, int64_t at);

#endif
