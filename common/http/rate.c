/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "rate.h"

/* More requests a second than any API takes. */
#define REQUESTS_MAX 1000000
#define SECONDS_MAX 86400

/* Tokens that may be saved up, to make good for a moment's delay. */
#define TOKENS_MAX 8

/*
 * What is saved up may be spent at once, and then comes what flows in: the
 * flow is less by that much, so that the sum keeps to the limit.
 */
void
rate_init(struct rate *b, unsigned requests, double seconds)
{
	double flow;

	*b = (struct rate){.most = requests / 20.0, .closed = INT64_MIN};
	if (b->most < 1)
		b->most = 1;
	if (b->most > TOKENS_MAX)
		b->most = TOKENS_MAX;
	flow = requests - b->most;
	if (flow < requests * 0.9) /* of a few, one is a lot */
		flow = requests * 0.9;
	b->per_ms = flow / (seconds * 1000);
	b->tokens = b->most;
}

int
rate_read(const char *text, unsigned *requests, double *seconds)
{
	unsigned long n;
	double s = 1;
	char *end;

	errno = 0;
	if (*text < '0' || *text > '9')
		return -1;
	n = strtoul(text, &end, 10);
	if (*end == '/') {
		text = end + 1;
		if (*text < '0' || *text > '9')
			return -1;
		s = strtod(text, &end);
	}
	if (*end != '\0' || errno != 0 || n < 1 || n > REQUESTS_MAX ||
	    !(s >= 0.001) || s > SECONDS_MAX)
		return -1;
	*requests = (unsigned)n;
	*seconds = s;
	return 0;
}

static void
rate_fill(struct rate *b, int64_t now)
{
	if (b->filled != 0)
		b->tokens += (double)(now - b->filled) * b->per_ms;
	if (b->tokens > b->most)
		b->tokens = b->most;
	b->filled = now;
}

int64_t
rate_ready(struct rate *b, int64_t now)
{
	int64_t at = now;

	rate_fill(b, now);
	if (b->tokens < 1)
		at += (int64_t)((1 - b->tokens) / b->per_ms) + 1;
	return at > b->closed ? at : b->closed;
}

void
rate_take(struct rate *b)
{
	b->tokens -= 1;
}

void
rate_close(struct rate *b, int64_t until)
{
	if (until > b->closed)
		b->closed = until;
}
