/* SPDX-License-Identifier: MIT */
#ifndef WOS_KNOWN_H
#define WOS_KNOWN_H

#include "http/http.h"

/*
 * Does the key belong to the environment that some users and organizations
 * are of?
 */

/* More of them prove no more, and would take the rate limit from the events. */
#define KNOWN_MAX 20

/* In bytes.  WorkOS's ids have some 32; wos-apply takes as many as these. */
#define KNOWN_ID_MAX 512

/*
 * Reads lines `user ID` and `organization ID` from standard input, asks the
 * API for one after the other, and writes to standard output what came of it,
 * up to the first that the API knows, and the API's time.  Ends the program on
 * lines that are anything else, before it asks.  Returns the program's exit
 * status.
 */
int known(struct client *c);

#endif
