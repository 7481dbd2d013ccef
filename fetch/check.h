/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHECK_H
#define WOS_CHECK_H

#include "http/http.h"
#include "http/key.h"

/* What the key of WorkOS is called. */
extern const struct key_names workos_key;

/*
 * Checks what wos-fetch needs, for wos-doctor, and prints findings.
 *
 * check_key is about libraries, a proxy, and the key, which it reads from the
 * environment or the file.  Returns that for key_free, or NULL if there is
 * none.
 */
char *check_key(const char *file);

/*
 * Certificates, the API, its clock, and whether it takes the client's key, if
 * there is one.  Sends one request.  Returns the status to exit with.
 */
int check(struct client *c);

#endif
