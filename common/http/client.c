/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http_internal.h"
#include "key.h"
#include "log.h"
#include "clock.h"
#include "status.h"
#include "url.h"

static void
client_add_header(struct client *c, const char *header)
{
	struct curl_slist *list = curl_slist_append(c->headers, header);

	if (list == NULL)
		log_errx(STATUS_FAILED, "libcurl: no memory for a header");
	c->headers = list;
}

void
client_init(struct client *c, const struct client_options *o)
{
	struct buf header = {0};

	*c = (struct client){.options = o, .date = TIME_NONE};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (c->multi = curl_multi_init()) == NULL)
		log_errx(STATUS_FAILED, "libcurl can't be used");
	rate_init(&c->rate, o->rate_requests, o->rate_seconds);
	curl_multi_setopt(
	    c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)o->jobs);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)o->jobs);
	srandom((unsigned)(time_now() ^ getpid())); /* for jitter only */
	url_of_base(o->base_place, o->base_url, &c->base, &c->plain);
	client_trace_begin(c);
	if (o->key != NULL) {
		buf_printf(&header, "Authorization: Bearer %s", o->key);
		client_add_header(c, buf_str(&header));
		key_wipe(header.p, header.cap);
		buf_free(&header);
	}
	client_add_header(c, "Accept: application/json");
	if (o->sends) {
		client_add_header(c, "Content-Type: application/json");
		client_add_header(c, "Expect:"); /* it need not be asked */
	}
	for (unsigned i = 0; i < o->jobs; i++)
		request_init(&c->request[i], c);
}

void
client_release(struct client *c)
{
	for (unsigned i = 0; i < c->options->jobs; i++)
		request_release(&c->request[i]);
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->headers);
	client_trace_end(c);
	buf_free(&c->base);
	curl_global_cleanup();
}

static struct request *
client_request_in(struct client *c, enum request_state state)
{
	for (unsigned i = 0; i < c->options->jobs; i++)
		if (c->request[i].state == state)
			return &c->request[i];
	return NULL;
}

struct request *
client_free_request(struct client *c)
{
	return client_request_in(c, REQUEST_FREE);
}

struct request *
client_done_request(struct client *c)
{
	return client_request_in(c, REQUEST_DONE);
}

void
client_add_parameter(
    struct client *c, struct buf *query, const char *name, const char *value)
{
	char *escaped = curl_easy_escape(c->request[0].easy, value, 0);

	if (escaped == NULL)
		log_errx(STATUS_FAILED, "libcurl: no memory for a parameter");
	buf_printf(query, "%s%s=%s", query->len ? "&" : "", name, escaped);
	curl_free(escaped);
}

int64_t
client_ready(struct client *c, int64_t now)
{
	return rate_ready(&c->rate, now);
}

/* The request that waits for another try and is due first, or NULL. */
static struct request *
client_next_try(struct client *c)
{
	struct request *first = NULL;

	for (unsigned i = 0; i < c->options->jobs; i++) {
		struct request *r = &c->request[i];

		if (r->state == REQUEST_WAITING &&
		    (first == NULL || r->due < first->due))
			first = r;
	}
	return first;
}

/* Sends what is due.  Returns when the next one is, or INT64_MAX. */
static int64_t
client_send(struct client *c)
{
	int64_t now = time_ticks(), at;
	struct request *r;

	while ((r = client_next_try(c)) != NULL) {
		if (r->due <= now && r->budget != NULL &&
		    (at = rate_ready(r->budget, now)) > now) {
			r->due = at; /* others' turn may come before */
			continue;
		}
		at = r->due > now ? r->due : rate_ready(&c->rate, now);
		if (at > now)
			return at;
		request_send(r);
	}
	return INT64_MAX;
}

static void
client_check(const struct client *c, CURLMcode rc)
{
	if (rc != CURLM_OK)
		log_errx(STATUS_FAILED, "%s: libcurl: %s", c->base.p,
		    curl_multi_strerror(rc));
}

void
client_perform(struct client *c)
{
	struct request *r;
	CURLMsg *message;
	int running;

	client_send(c);
	client_check(c, curl_multi_perform(c->multi, &running));
	while ((message = curl_multi_info_read(c->multi, &running)) != NULL) {
		CURLcode rc = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &r);
		request_finish(r, rc);
	}
}

void
client_wait(
    struct client *c, struct curl_waitfd *fds, unsigned nfds, int64_t until)
{
	const int64_t longest = 60 * SECOND_MS;
	int64_t next = client_send(c), now = time_ticks();

	next = next < until ? next : until;
	next = next < now + longest ? next : now + longest;
	next = next < now ? 0 : next - now;
	client_check(c, curl_multi_poll(c->multi, fds, nfds, (int)next, NULL));
}
