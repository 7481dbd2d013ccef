/* SPDX-License-Identifier: MIT */
#ifndef WOS_ONE_H
#define WOS_ONE_H

#include "http.h"

/* One request after the other, for those who have no use for many at once. */

/* Waits until a request may be sent, and returns one that is free. */
struct request *one_begin(struct client *c);

/* Waits for the answer, through all repetitions, whichever it is. */
void one_wait_any(struct request *r);

/*
 * The same.  Ends the program if there is
 * none, or one that refuses the key: it says nothing of what was asked.
 */
void one_wait(struct request *r);

#endif
