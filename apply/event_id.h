/* SPDX-License-Identifier: MIT */
#ifndef WOS_EVENT_ID_H
#define WOS_EVENT_ID_H

#include <stdbool.h>
#include <stddef.h>

struct value;

/* The longest id of an event, in bytes: wos-decode lets none through above. */
#define EVENT_ID_MAX 512

/*
 * Is it what an event's id can be, one word for a line and for a shell?  Who
 * made the database, or the stream, may have been anyone.
 */
bool event_id_is_sound(const char *text, size_t len);

/* The same of what a database has: is it a text that can be one? */
bool event_id_is_value(const struct value *v);

#endif
