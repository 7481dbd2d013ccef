/* SPDX-License-Identifier: MIT */
#ifndef WOS_KNOWN_H
#define WOS_KNOWN_H

#include <stddef.h>

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

/* Why this can't be asked for, or NULL: user=ID or organization=ID can. */
const char *known_fault(const char *text);

/*
 * Asks for such objects, and says nothing if the API knows one of them or tells
 * about none.  Returns the program's exit status, as known does.
 */
int known_first(struct client *c, const char *const *text, size_t n);

#endif
