/* SPDX-License-Identifier: MIT */
#ifndef WOS_ROW_H
#define WOS_ROW_H

#include "event.h"
#include "sql.h"

/*
 * Makes the literals of the row that an event's effect writes or removes, from
 * the object that the event has for it.  Of a row that goes, only what
 * sql_delete looks at.  Returns 0, or -1 with the reason in e->why.
 */
int row_make(struct sql_row *row, struct event *e, const struct effect *effect);

#endif
