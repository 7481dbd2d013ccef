/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "log.h"
#include "one.h"
#include "status.h"

struct request *
one_begin(struct client *c)
{
	struct request *r = client_free_request(c);
	int64_t ready;

	while ((ready = client_ready(c, time_ticks())) > time_ticks())
		client_wait(c, NULL, 0, ready);
	return r;
}

static _Noreturn void
one_fail(const struct request *r)
{
	struct buf why = {0};

	if (r->answer == ANSWER_REFUSED)
		r->client->options->refusal(&why, r->status, &r->body);
	else
		buf_add(&why, r->why.p, r->why.len);
	request_fields(r);
	log_errx(r->answer == ANSWER_LATER ? STATUS_RETRY : STATUS_FAILED,
	    "%s: %s", r->place.p, buf_str(&why));
}

void
one_wait_any(struct request *r)
{
	struct client *c = r->client;

	while (client_done_request(c) == NULL) {
		client_perform(c);
		if (client_done_request(c) == NULL)
			client_wait(c, NULL, 0, INT64_MAX);
	}
}

void
one_wait(struct request *r)
{
	one_wait_any(r);
	if (r->answer == ANSWER_LATER || r->answer == ANSWER_FAILED ||
	    r->status == 401)
		one_fail(r);
}
