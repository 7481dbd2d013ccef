/* SPDX-License-Identifier: MIT */
#ifndef WOS_EVENTS_H
#define WOS_EVENTS_H

/*
 * Prints the catalogue's events by name, one line for each thing that an event
 * does: event, asked, effect, table, and where in it the object or key is.
 * Returns 0, as descriptors_flush does.
 */
int events_print(void);

#endif
