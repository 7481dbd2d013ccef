/* SPDX-License-Identifier: MIT */
#ifndef WOS_HTTP_TRACE_H
#define WOS_HTTP_TRACE_H

#include "http.h"

/*
 * A span for each time that a request is sent, with what OpenTelemetry's
 * conventions for HTTP clients name.  The query and the key are in none.
 */

void client_trace_begin(struct client *c);

/* Adds the sums to the program's span, and frees what was for spans. */
void client_trace_end(struct client *c);

/* It is being sent. */
void request_trace_begin(struct request *r);

/* The answer is there, or it is known that there will be none. */
void request_trace_answer(struct request *r, CURLcode rc);

#endif
