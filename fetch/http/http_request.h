/* SPDX-License-Identifier: MIT */
#ifndef WOS_HTTP_REQUEST_H
#define WOS_HTTP_REQUEST_H

#include "http.h"

/*
 * The life of one request, for the client and nobody else.
 */

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

#endif
