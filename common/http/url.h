/* SPDX-License-Identifier: MIT */
#ifndef WOS_URL_H
#define WOS_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/*
 * Adds the base URL as a string that a path can follow, and says whether it is
 * plain http.  Ends the program where the API key must not be sent; `place` is
 * what set the URL, and all that is said of it.
 */
void url_of_base(
    const char *place, const char *base, struct buf *out, bool *plain);

/*
 * Where a URL leads, for those who watch: adds the host, and nothing else that
 * is in it; *port is 0 if that can't be told.  For anything but an absolute URL
 * nothing is added.
 */
void url_server(const char *url, struct buf *host, int64_t *port);

#endif
