/* SPDX-License-Identifier: MIT */
#ifndef WOS_HTTP_INTERNAL_H
#define WOS_HTTP_INTERNAL_H

#include "http.h"

/* What the files of this room have of each other, and nobody else calls. */

/* Ends the program if libcurl lacks what is needed. */
void request_init(struct request *r, struct client *c);
void request_release(struct request *r);

/* Sends it, for the first time or again. */
void request_send(struct request *r);

/* The transfer is over: the request has an answer now, or waits. */
void request_finish(struct request *r, CURLcode rc);

/* Forgets what the headers of an answer said. */
void request_forget_answer(struct request *r);

/* What libcurl calls while an answer comes in; arg is the request. */
size_t request_take_header(char *line, size_t size, size_t n, void *arg);
size_t request_take_body(char *bytes, size_t size, size_t n, void *arg);

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
