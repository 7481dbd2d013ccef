/* SPDX-License-Identifier: MIT */
#ifndef WOS_EVENT_ID_H
#define WOS_EVENT_ID_H

#include <stdbool.h>
#include <stddef.h>

/* The longest id of an event, in bytes: wos-decode lets none through above. */
#define EVENT_ID_MAX 512

/*
 * Is it what an event's id can be, one word for a line and for a shell, without
 * the quote that would end the name of its group?  Who made the database, or
 * the stream, may have been anyone.
 */
bool event_id_is_sound(const char *text, size_t len);

#endif
