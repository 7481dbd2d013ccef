/* SPDX-License-Identifier: MIT */
#ifndef WOS_RATE_H
#define WOS_RATE_H

#include <stdint.h>

/* A bucket of tokens, one for each request.  It is full at first. */
struct rate {
	double per_ms; /* tokens that come in */
	double most;   /* tokens that it holds */
	double tokens;
	int64_t filled; /* on the monotonic clock, in ms */
	int64_t closed; /* until then there are none, whatever it holds */
};

/* In no span of so many seconds more than so many requests. */
void rate_init(struct rate *b, unsigned requests, double seconds);

/* Reads REQUESTS/SECONDS or REQUESTS (a second).  Returns 0 or -1. */
int rate_read(const char *text, unsigned *requests, double *seconds);

/* When there is a token: `now` if there is one. */
int64_t rate_ready(struct rate *b, int64_t now);

/* Takes a token, which is there. */
void rate_take(struct rate *b);

/* No tokens until then. */
void rate_close(struct rate *b, int64_t until);

#endif
