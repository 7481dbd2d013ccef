#ifndef WOS_URL_H
#define WOS_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/*
 * Adds the base URL as a string that a path can follow, and says whether it is
 * plain http.  Ends the program where the API key must not be sent.
 */
void url_of_base(const char *base, struct buf *out, bool *plain);

/* Where that is, for those who watch: the host and the port. */
void url_server(const char *url, struct buf *host, int64_t *port);

#endif
