/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHECK_H
#define WOS_CHECK_H

#include "http/http.h"

/*
 * Checks what wos-fetch needs, for wos-doctor: libraries, proxy, certificates,
 * the key, which is read from the environment or the file, the API, and its
 * clock.  One request is sent, also without a key.  Prints findings; returns
 * the status to exit with.
 */
int check(struct client_options *o, const char *key_file);

#endif
