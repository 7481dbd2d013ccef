/* SPDX-License-Identifier: MIT */
#ifndef WOS_GROUP_H
#define WOS_GROUP_H

#include "batch.h"

/*
 * The group of an event: SAVEPOINT "id", row changes, RELEASE "id".  It is
 * applied whole, or taken back and parked.
 */

/* The group of this name begins; its SAVEPOINT is at `start` of the buffer. */
enum course group_begin(struct apply *a, const char *name, size_t start);

/* A statement of the group that is open. */
enum course group_change(struct apply *a, const struct statement *s);

/* The group is whole, and ends before `end`: keep or park it. */
enum course group_end(struct apply *a, const char *name, size_t end);

/* Takes back a group that has only begun. */
enum course group_take_back(struct apply *a);

#endif
