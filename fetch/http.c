#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http.h"
#include "http_trace.h"
#include "key.h"
#include "log.h"
#include "range.h"
#include "refusal.h"
#include "say.h"
#include "status.h"
#include "url.h"
#include "visible.h"

/* A buffer that has grown larger than this is not kept for the next page. */
#define BODY_KEPT (256 << 10)

#define USER_AGENT "wos-fetch/" WOS_VERSION

/* Setting an option fails for lack of memory or of the feature. */
#define SET(easy, option, value)                                               \
	do {                                                                   \
		CURLcode set_rc_ = curl_easy_setopt(easy, option, value);      \
		if (set_rc_ != CURLE_OK)                                       \
			die(STATUS_FAILED, "libcurl: " #option ": %s",         \
			    curl_easy_strerror(set_rc_));                      \
	} while (0)

/* What libcurl calls while an answer comes in. */

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

/* Retry-After is in seconds or a date; milliseconds from now, or -1. */
static int64_t
read_retry_after(const char *value)
{
	time_t date;
	double s;

	if (*value >= '0' && *value <= '9') {
		s = strtod(value, NULL);
		return s > 1e9 ? INT64_MAX : (int64_t)(s * 1000);
	}
	date = curl_getdate(value, NULL);
	if (date == -1)
		return -1;
	return (int64_t)date * 1000 > time_now()
		   ? (int64_t)date * 1000 - time_now()
		   : 0;
}

static void
forget_answer(struct request *r)
{
	r->status = 0;
	r->retry_after = -1;
	r->id[0] = r->host[0] = '\0';
}

static size_t
take_header(char *line, size_t size, size_t n, void *arg)
{
	struct request *r = arg;
	size_t len = size * n;
	char value[512], quote[SAY_QUOTE_SIZE];

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		forget_answer(r); /* that was an interim one */
	} else if (header_value(
		       line, len, "x-request-id", value, sizeof value)) {
		say_quote(quote, value, strlen(value));
		visible(r->id, sizeof r->id, quote, strlen(quote));
	} else if (header_value(line, len, "location", value, sizeof value)) {
		say_quote(quote, value, strlen(value));
		visible(r->host, sizeof r->host, quote, strlen(quote));
	} else if (header_value(
		       line, len, "retry-after", value, sizeof value)) {
		r->retry_after = read_retry_after(value);
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

static size_t
take_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct request *r = arg;
	size_t len = size * n;

	if (r->body.len + len > PAGE_MAX) {
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

/* The client and its requests. */

/* Which certificates to trust, as curl(1) has it. */
static void
request_set_trust(CURL *easy)
{
	const char *file = getenv("CURL_CA_BUNDLE");
	const char *dir = getenv("SSL_CERT_DIR");

	if (file == NULL || *file == '\0')
		file = getenv("SSL_CERT_FILE");
	if (file != NULL && *file != '\0')
		SET(easy, CURLOPT_CAINFO, file);
	if (dir != NULL && *dir != '\0')
		SET(easy, CURLOPT_CAPATH, dir);
}

static void
request_set_reach(CURL *easy, bool plain)
{
	const char *schemes = plain ? "http" : "https";

#if LIBCURL_VERSION_NUM >= 0x075500
	SET(easy, CURLOPT_PROTOCOLS_STR, schemes);
#else
	SET(easy, CURLOPT_PROTOCOLS,
	    strcmp(schemes, "http") == 0 ? CURLPROTO_HTTP : CURLPROTO_HTTPS);
#endif
	SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	/* A proxy would see a plain key: loopback is reached without one. */
	if (plain)
		SET(easy, CURLOPT_PROXY, "");
	SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(easy, CURLOPT_NOSIGNAL, 1L);
}

static void
request_init(struct request *r, struct client *c)
{
	const struct client_options *o = c->options;
	long connect_ms = o->timeout_ms < CONNECT_TIMEOUT_MS
			      ? o->timeout_ms
			      : CONNECT_TIMEOUT_MS;

	r->client = c;
	r->easy = curl_easy_init();
	if (r->easy == NULL)
		log_errx(STATUS_FAILED, "libcurl: no memory for a request");
	request_set_reach(r->easy, c->plain);
	request_set_trust(r->easy);
	SET(r->easy, CURLOPT_HTTPHEADER, c->headers);
	SET(r->easy, CURLOPT_USERAGENT, USER_AGENT);
	SET(r->easy, CURLOPT_ACCEPT_ENCODING, "");
	SET(r->easy, CURLOPT_TIMEOUT_MS, o->timeout_ms);
	SET(r->easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	SET(r->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(r->easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_S);
	SET(r->easy, CURLOPT_ERRORBUFFER, r->error);
	SET(r->easy, CURLOPT_HEADERFUNCTION, take_header);
	SET(r->easy, CURLOPT_HEADERDATA, r);
	SET(r->easy, CURLOPT_WRITEFUNCTION, take_body);
	SET(r->easy, CURLOPT_WRITEDATA, r);
	SET(r->easy, CURLOPT_PRIVATE, r);
}

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

	*c = (struct client){.options = o};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (c->multi = curl_multi_init()) == NULL)
		log_errx(STATUS_FAILED, "libcurl can't be used");
	rate_init(&c->rate, o->rate_requests, o->rate_seconds);
	curl_multi_setopt(
	    c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)o->jobs);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)o->jobs);
	srandom((unsigned)(time_now() ^ getpid())); /* for jitter only */
	url_of_events(o->base_url, &c->endpoint, &c->plain);
	client_trace_begin(c);
	buf_printf(&header, "Authorization: Bearer %s", o->key);
	client_add_header(c, buf_str(&header));
	client_add_header(c, "Accept: application/json");
	key_wipe(header.p, header.cap);
	buf_free(&header);
	for (unsigned i = 0; i < o->jobs; i++)
		request_init(&c->request[i], c);
}

void
client_release(struct client *c)
{
	for (unsigned i = 0; i < c->options->jobs; i++) {
		struct request *r = &c->request[i];

		request_stop(r);
		curl_easy_cleanup(r->easy);
		free(r->url);
		buf_free(&r->body);
		buf_free(&r->why);
	}
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->headers);
	client_trace_end(c);
	buf_free(&c->endpoint);
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

static void
request_send(struct request *r)
{
	rate_take(&r->client->rate);
	forget_answer(r);
	buf_clear(&r->body);
	r->error[0] = '\0';
	r->answer = ANSWER_PAGE;
	r->tries++;
	request_trace_begin(r);
	r->sent_at = time_now();
	r->state = REQUEST_RUNNING;
	if (curl_multi_add_handle(r->client->multi, r->easy) != CURLM_OK)
		log_errx(STATUS_FAILED, "libcurl: a request can't be sent");
}

void
request_start(struct request *r, const char *query)
{
	free(r->url);
	if (asprintf(&r->url, "%s?%s", r->client->endpoint.p, query) == -1)
		log_errx(STATUS_FAILED, "no memory for a URL");
	SET(r->easy, CURLOPT_URL, r->url);
	r->tries = 0;
	request_send(r);
}

void
request_stop(struct request *r)
{
	if (r->state == REQUEST_RUNNING)
		curl_multi_remove_handle(r->client->multi, r->easy);
	span_end(&r->span);
	r->state = REQUEST_FREE;
	r->ahead = false;
	if (r->body.cap > BODY_KEPT)
		buf_free(&r->body);
	buf_clear(&r->body);
}

static void
request_done(struct request *r, enum answer answer)
{
	r->answer = answer;
	r->state = REQUEST_DONE;
}

/* What a message about the request has in its fields. */
static void
request_fields(const struct request *r)
{
	say_field("request_id", r->id);
	if (r->status != 0)
		log_field_int("http_status", r->status);
}

/* Half of the pause is fixed, half is left to chance, so crowds disperse. */
static int64_t
request_pause(const struct request *r)
{
	int64_t pause = r->client->options->pause_ms;

	for (unsigned i = 1; i < r->tries && pause < RETRY_PAUSE_MAX_MS; i++)
		pause *= 2;
	if (pause > RETRY_PAUSE_MAX_MS)
		pause = RETRY_PAUSE_MAX_MS;
	pause = pause / 2 + random() % (pause / 2 + 1);
	return r->retry_after > pause ? r->retry_after : pause;
}

/*
 * Plans another try, if there is one left, else the answer is `last`; r->why
 * says what went wrong.
 */
static void
request_retry(struct request *r, enum answer last)
{
	const struct client_options *o = r->client->options;
	int64_t pause;

	if (r->tries > o->retries) {
		request_done(r, last);
		return;
	}
	if (r->retry_after > RETRY_AFTER_MAX_MS) {
		buf_printf(&r->why,
		    ": told to wait %" PRId64 " s, longer than %d s",
		    r->retry_after / 1000, RETRY_AFTER_MAX_MS / 1000);
		request_done(r, ANSWER_LATER);
		return;
	}
	pause = request_pause(r);
	if (r->status == 429) /* that is for all requests */
		rate_close(&r->client->rate, time_ticks() + pause);
	request_fields(r);
	log_field_int("tries", r->tries);
	log_field_int("pause_ms", pause);
	say("%s: %s: trying again in %.1f s (%u of %u)", r->client->endpoint.p,
	    buf_str(&r->why), (double)pause / 1000, r->tries, o->retries);
	span_end(&r->span);
	r->due = time_ticks() + pause;
	r->state = REQUEST_WAITING;
}

void
request_again(struct request *r, const char *why, enum answer last)
{
	buf_clear(&r->why);
	buf_puts(&r->why, why);
	request_retry(r, last);
}

/* Faults of the network and of a moment, as opposed to those of a set-up. */
static bool
can_heal(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_PARTIAL_FILE:
	case CURLE_WRITE_ERROR: /* a compressed body that is damaged */
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return true;
	default:
		return false;
	}
}

static void
request_broken(struct request *r, CURLcode rc)
{
	const char *text = r->error[0] ? r->error : curl_easy_strerror(rc);
	char quote[SAY_QUOTE_SIZE];

	buf_puts(&r->why, say_quote(quote, text, strlen(text)));
	if (can_heal(rc))
		request_retry(r, ANSWER_LATER);
	else
		request_done(r, ANSWER_FAILED);
}

static void
request_answered(struct request *r)
{
	long status = r->status;

	if (status == 200) {
		request_done(r, ANSWER_PAGE);
	} else if (status >= 300 && status < 400) {
		buf_printf(&r->why,
		    "%ld: a redirect to '%s' is not followed: "
		    "the key is for this host only",
		    status, r->host);
		request_done(r, ANSWER_FAILED);
	} else if (status == 408 || status == 429 || status >= 500) {
		refusal_add(&r->why, status, &r->body);
		request_retry(r, ANSWER_LATER);
	} else {
		request_done(r, ANSWER_REFUSED);
	}
}

/* The list of names, which is long and always the same, is left out. */
static void
request_report(const struct request *r, long ms)
{
	const char *names = strstr(r->url, "&events=");

	request_fields(r);
	log_field_int("bytes", (int64_t)r->body.len);
	log_field_int("duration_ms", ms);
	say_as(LEVEL_INFO, "%.*s: %ld, %zu bytes, %ld ms%s%s",
	    (int)(names ? names - r->url : (ptrdiff_t)strlen(r->url)), r->url,
	    r->status, r->body.len, ms, r->id[0] ? ", request " : "", r->id);
}

static void
request_finish(struct request *r, CURLcode rc)
{
	curl_off_t took = 0;

	curl_multi_remove_handle(r->client->multi, r->easy);
	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &r->status);
	curl_easy_getinfo(r->easy, CURLINFO_TOTAL_TIME_T, &took);
	if (r->client->options->verbose)
		request_report(r, (long)(took / 1000));
	request_trace_answer(r, rc);
	buf_clear(&r->why);
	if (r->answer == ANSWER_STALLED)
		request_done(r, ANSWER_STALLED);
	else if (r->answer == ANSWER_LARGE && r->status == 200)
		request_done(r, ANSWER_LARGE);
	else if (rc != CURLE_OK && r->answer != ANSWER_LARGE)
		request_broken(r, rc);
	else
		request_answered(r);
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
		at = r->due > now ? r->due : rate_ready(&c->rate, now);
		if (at > now)
			return at;
		request_send(r);
	}
	return INT64_MAX;
}

void
client_perform(struct client *c)
{
	struct request *r;
	CURLMsg *message;
	int running;

	client_send(c);
	if (curl_multi_perform(c->multi, &running) != CURLM_OK)
		log_errx(STATUS_FAILED, "libcurl: transfers failed");
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
	next = next < now ? 0 : next - now;
	if (curl_multi_poll(c->multi, fds, nfds,
		(int)(next < longest ? next : longest), NULL) != CURLM_OK)
		log_errx(STATUS_FAILED, "libcurl: waiting failed");
}
