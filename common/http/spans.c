/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "http_internal.h"
#include "url.h"

void
client_trace_begin(struct client *c)
{
	if (trace_on)
		url_server(c->base.p, &c->host, &c->port);
}

void
client_trace_end(struct client *c)
{
	span_int(trace_program(), "wos.requests", c->requests);
	span_int(trace_program(), "wos.retries", c->retries);
	buf_free(&c->host);
}

void
request_trace_begin(struct request *r)
{
	struct client *c = r->client;
	struct span *s = &r->span;
	const char *method = r->posts ? "POST" : "GET";
	char name[SPAN_NAME_SIZE];

	c->requests++;
	c->retries += r->tries > 1;
	if (!trace_on)
		return;
	snprintf(name, sizeof name, "%s %s", method, r->route);
	span_begin(s, SPAN_CLIENT, name);
	span_text(s, "http.request.method", method);
	span_text(s, "server.address", buf_str(&c->host));
	span_int(s, "server.port", c->port);
	if (r->tries > 1)
		span_int(s, "http.request.resend_count", r->tries - 1);
}

/* One word, of what ids are made of; anything else may be an address. */
static bool
is_id(const char *text)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._:=/+";

	return *text != '\0' && text[strspn(text, word)] == '\0';
}

/* The API's own words are not repeated: they may quote what was asked. */
static void
request_trace_failure(struct request *r, CURLcode rc)
{
	const char *what = curl_easy_strerror(rc);
	char status[24], text[48];

	if (r->status >= 300) {
		snprintf(status, sizeof status, "%ld", r->status);
		snprintf(text, sizeof text, "the answer is %ld", r->status);
		span_fail(&r->span, status, text);
	} else if (r->answer == ANSWER_LARGE) {
		span_fail(&r->span, "large", "the page is too large");
	} else if (rc != CURLE_OK && r->answer != ANSWER_STALLED) {
		span_fail(&r->span, what, what);
	}
}

void
request_trace_answer(struct request *r, CURLcode rc)
{
	struct span *s = &r->span;
	curl_off_t size = 0;

	if (!s->open)
		return;
	span_stop(s);
	curl_easy_getinfo(r->easy, CURLINFO_SIZE_DOWNLOAD_T, &size);
	if (r->status != 0)
		span_int(s, "http.response.status_code", r->status);
	span_int(s, "http.response.body.size", size);
	if (is_id(r->id))
		span_text(s, "wos.request_id", r->id);
	request_trace_failure(r, rc);
}
