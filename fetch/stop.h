/* SPDX-License-Identifier: MIT */
#ifndef WOS_STOP_H
#define WOS_STOP_H

#include <stdbool.h>

/*
 * SIGTERM and SIGINT as a wish that can be fulfilled between two pages.  A
 * second one ends the program as usual.  Returns a descriptor that becomes
 * readable when the wish is there.
 */
int stop_init(void);
bool stop_wanted(void);

/* Ends the program by the signal that came. */
void stop_now(void);

#endif
