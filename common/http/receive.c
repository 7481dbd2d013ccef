/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http_internal.h"
#include "log.h"
#include "clock.h"
#include "url.h"
#include "visible.h"

/* The value of a header line if it is that header's. */
static bool
header_value(
    const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	for (n++; n < len && (line[n] == ' ' || line[n] == '\t');)
		n++;
	while (len > n && strchr(" \t\r\n", line[len - 1]) != NULL)
		len--;
	if (len - n >= size)
		len = n + size - 1;
	memcpy(out, line + n, len - n);
	out[len - n] = '\0';
	return true;
}

/* Unix seconds between which an API's clock is believed: 2020 to 2099. */
#define DATE_FIRST INT64_C(1577836800)
#define DATE_LAST INT64_C(4102444799)

/* A date of a header, in Unix ms, or TIME_NONE. */
static int64_t
read_date(const char *value)
{
	int64_t date = curl_getdate(value, NULL);

	if (date < DATE_FIRST || date > DATE_LAST)
		return TIME_NONE;
	return date * 1000;
}

/* Retry-After is in seconds or a date. */
static void
read_retry_after(struct request *r, const char *value)
{
	double s;

	if (*value < '0' || *value > '9') {
		r->retry_date = read_date(value);
		return;
	}
	s = strtod(value, NULL);
	r->retry_after = s > 1e9 ? INT64_MAX : (int64_t)(s * 1000);
}

void
request_forget_answer(struct request *r)
{
	r->status = 0;
	r->retry_after = -1;
	r->retry_date = r->date = TIME_NONE;
	r->id[0] = r->host[0] = '\0';
}

/* Messages name its host alone: the rest may be as secret as a key. */
static void
take_location(struct request *r, const char *value)
{
	char quote[LOG_QUOTE_SIZE];
	struct buf host = {0};
	int64_t port;

	url_server(value, &host, &port);
	log_quote(quote, host.len ? host.p : "", host.len);
	visible(r->host, sizeof r->host, quote, strlen(quote));
	buf_free(&host);
}

size_t
request_take_header(char *line, size_t size, size_t n, void *arg)
{
	struct request *r = arg;
	size_t len = size * n;
	char value[512], quote[LOG_QUOTE_SIZE];

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		request_forget_answer(r); /* that was an interim one */
	} else if (header_value(
		       line, len, "x-request-id", value, sizeof value)) {
		log_quote(quote, value, strlen(value));
		visible(r->id, sizeof r->id, quote, strlen(quote));
	} else if (header_value(line, len, "location", value, sizeof value)) {
		take_location(r, value);
	} else if (header_value(
		       line, len, "retry-after", value, sizeof value)) {
		read_retry_after(r, value);
	} else if (header_value(line, len, "date", value, sizeof value)) {
		r->date = read_date(value);
	}
	return len;
}

/* What the requests that nobody waits for have taken in. */
static size_t
client_ahead(const struct client *c)
{
	size_t sum = 0;

	for (unsigned i = 0; i < c->options->jobs; i++)
		if (c->request[i].ahead)
			sum += c->request[i].body.len;
	return sum;
}

size_t
request_take_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct request *r = arg;
	size_t len = size * n;

	if (r->body.len + len > r->client->options->body_max) {
		r->answer = ANSWER_LARGE;
		return 0;
	}
	if (r->ahead && client_ahead(r->client) + len > r->client->room) {
		r->answer = ANSWER_STALLED;
		return 0;
	}
	buf_add(&r->body, bytes, len);
	return len;
}
