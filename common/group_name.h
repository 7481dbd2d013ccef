/* SPDX-License-Identifier: MIT */
#ifndef WOS_GROUP_NAME_H
#define WOS_GROUP_NAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A group of SQL has the name of its event, or begins with one of these: a line
 * that could not be decoded, or one of a list.  They move no cursor.
 */
#define GROUP_PARKED "parked:"
#define GROUP_LIST "list:"

/* Can it be the name of an event's group? */
bool group_is_event(const char *name, size_t len);

#endif
