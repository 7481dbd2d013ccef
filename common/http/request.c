/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "http_internal.h"
#include "log.h"
#include "status.h"

/* A buffer that has grown larger than this is not kept for the next page. */
#define BODY_KEPT (256 << 10)

/* Setting an option fails for lack of memory or of the feature. */
#define SET(easy, option, value)                                               \
	do {                                                                   \
		CURLcode set_rc_ = curl_easy_setopt(easy, option, value);      \
		if (set_rc_ != CURLE_OK)                                       \
			log_errx(STATUS_FAILED, "libcurl: " #option ": %s",    \
			    curl_easy_strerror(set_rc_));                      \
	} while (0)

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

void
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
	SET(r->easy, CURLOPT_USERAGENT, o->agent);
	SET(r->easy, CURLOPT_ACCEPT_ENCODING, "");
	SET(r->easy, CURLOPT_TIMEOUT_MS, o->timeout_ms);
	SET(r->easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	SET(r->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(r->easy, CURLOPT_LOW_SPEED_TIME, o->low_speed_s);
	SET(r->easy, CURLOPT_ERRORBUFFER, r->error);
	SET(r->easy, CURLOPT_HEADERFUNCTION, request_take_header);
	SET(r->easy, CURLOPT_HEADERDATA, r);
	SET(r->easy, CURLOPT_WRITEFUNCTION, request_take_body);
	SET(r->easy, CURLOPT_WRITEDATA, r);
	SET(r->easy, CURLOPT_PRIVATE, r);
}

void
request_send(struct request *r)
{
	CURLMcode rc;

	rate_take(&r->client->rate);
	if (r->budget != NULL)
		rate_take(r->budget);
	request_forget_answer(r);
	buf_clear(&r->body);
	r->error[0] = '\0';
	r->answer = ANSWER_PAGE;
	r->tries++;
	request_trace_begin(r);
	r->sent_at = time_now();
	r->state = REQUEST_RUNNING;
	rc = curl_multi_add_handle(r->client->multi, r->easy);
	if (rc != CURLM_OK)
		log_errx(STATUS_FAILED, "%s: libcurl: %s", r->place.p,
		    curl_multi_strerror(rc));
}

/*
 * The address that the route stands for, with the id as one segment of it; a
 * path without ROUTE_ID takes none.
 */
static void
request_set_place(struct request *r, const char *route, const char *id)
{
	const char *blank = strstr(route, ROUTE_ID);
	char *escaped;

	buf_clear(&r->place);
	buf_puts(&r->place, r->client->base.p);
	if (blank == NULL) {
		buf_puts(&r->place, route);
	} else {
		escaped = curl_easy_escape(r->easy, id, 0);
		if (escaped == NULL)
			log_errx(STATUS_FAILED, "libcurl: no memory for a URL");
		buf_add(&r->place, route, (size_t)(blank - route));
		buf_puts(&r->place, escaped);
		buf_puts(&r->place, blank + strlen(ROUTE_ID));
		curl_free(escaped);
	}
	buf_str(&r->place);
}

/* r->place is made. */
static void
request_begin(struct request *r, const char *route, const char *query)
{
	r->route = route;
	buf_clear(&r->url);
	buf_printf(&r->url, "%s%s%s", r->place.p, query ? "?" : "",
	    query ? query : "");
	SET(r->easy, CURLOPT_URL, buf_str(&r->url));
	r->tries = 0;
	request_send(r);
}

/* From now on it is a GET again. */
static void
request_get(struct request *r)
{
	if (r->posts)
		SET(r->easy, CURLOPT_HTTPGET, 1L);
	r->posts = r->once = false;
}

void
request_start(
    struct request *r, const char *route, const char *id, const char *query)
{
	request_get(r);
	request_set_place(r, route, id);
	request_begin(r, route, query);
}

void
request_start_at(
    struct request *r, const char *route, const char *path, const char *query)
{
	request_get(r);
	request_set_place(r, path, NULL);
	request_begin(r, route, query);
}

void
request_post(struct request *r, const char *route, const char *path,
    const struct buf *body, bool once)
{
	r->posts = true;
	r->once = once;
	buf_clear(&r->sent);
	buf_add(&r->sent, body->p, body->len);
	SET(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->sent.len);
	SET(r->easy, CURLOPT_POSTFIELDS, r->sent.p);
	SET(r->easy, CURLOPT_FRESH_CONNECT,
	    (long)(once && r->client->options->apart));
	request_set_place(r, path, NULL);
	request_begin(r, route, NULL);
}

void
request_stop(struct request *r)
{
	if (r->state == REQUEST_RUNNING)
		curl_multi_remove_handle(r->client->multi, r->easy);
	span_end(&r->span);
	r->state = REQUEST_FREE;
	r->ahead = false;
	r->budget = NULL;
	if (r->body.cap > BODY_KEPT)
		buf_free(&r->body);
	buf_clear(&r->body);
}

void
request_release(struct request *r)
{
	request_stop(r);
	curl_easy_cleanup(r->easy);
	buf_free(&r->place);
	buf_free(&r->url);
	buf_free(&r->sent);
	buf_free(&r->body);
	buf_free(&r->why);
}

static void
request_done(struct request *r, enum answer answer)
{
	if (answer == ANSWER_LATER)
		buf_printf(&r->why, ": given up after %u %s", r->tries,
		    r->tries == 1 ? "try" : "tries");
	buf_str(&r->why); /* it is there to be read */
	r->answer = answer;
	r->state = REQUEST_DONE;
}

void
request_fields(const struct request *r)
{
	log_field("request_id", r->id);
	if (r->status != 0)
		log_field_int("http_status", r->status);
}

/*
 * What the headers say of time, once all of them are there: a date to come back
 * at is one by the API's clock, from which ours may differ.
 */
static void
request_take_dates(struct request *r)
{
	struct client *c = r->client;
	int64_t now = r->date != TIME_NONE ? r->date : time_now();

	if (r->date > c->date)
		c->date = r->date;
	if (r->retry_date != TIME_NONE)
		r->retry_after = r->retry_date > now ? r->retry_date - now : 0;
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

bool
request_again(struct request *r, enum answer last)
{
	const struct client_options *o = r->client->options;
	int64_t pause;

	if (r->tries > o->retries) {
		request_done(r, last);
		return false;
	}
	if (r->retry_after > RETRY_AFTER_MAX_MS) {
		buf_printf(&r->why,
		    ": told to wait %" PRId64 " s, longer than %d s",
		    r->retry_after / 1000, RETRY_AFTER_MAX_MS / 1000);
		request_done(r, ANSWER_LATER);
		return false;
	}
	pause = request_pause(r);
	if (r->status == 429) /* that is for all that share its budget */
		rate_close(r->budget != NULL ? r->budget : &r->client->rate,
		    time_ticks() + pause);
	request_fields(r);
	log_field_int("tries", r->tries);
	log_field_int("pause_ms", pause);
	log_warnx("%s: %s: trying again in %.1f s (%u of %u)", r->place.p,
	    buf_str(&r->why), (double)pause / 1000, r->tries, o->retries);
	span_end(&r->span);
	r->due = time_ticks() + pause;
	r->state = REQUEST_WAITING;
	return true;
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
	case CURLE_OUT_OF_MEMORY: /* a header line that is too long, before: */
#if LIBCURL_VERSION_NUM >= 0x080600
	case CURLE_TOO_LARGE:
#endif
		return true;
	default:
		return false;
	}
}

/* Faults before anything of a request was sent. */
static bool
never_left(CURLcode rc)
{
	return rc == CURLE_COULDNT_RESOLVE_PROXY ||
	       rc == CURLE_COULDNT_RESOLVE_HOST ||
	       rc == CURLE_COULDNT_CONNECT || rc == CURLE_SSL_CONNECT_ERROR;
}

/*
 * libcurl quotes the proxy's URL, and in it a password, where it can't read or
 * use it; and nobody knows what else it does so in.
 */
static bool
may_quote_proxy(CURLcode rc)
{
	static const char *const name[] = {
	    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	const char *value;
	bool proxy = false;

	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		if ((value = getenv(name[i])) == NULL || *value == '\0')
			continue;
		if (strchr(value, '@') != NULL)
			return true;
		proxy = true;
	}
	return proxy &&
	       (rc == CURLE_COULDNT_RESOLVE_PROXY || rc == CURLE_NOT_BUILT_IN ||
		   rc == CURLE_UNSUPPORTED_PROTOCOL ||
		   rc == CURLE_URL_MALFORMAT);
}

static void
request_broken(struct request *r, CURLcode rc)
{
	const char *text = r->error[0] && !may_quote_proxy(rc)
			       ? r->error
			       : curl_easy_strerror(rc);
	char quote[LOG_QUOTE_SIZE];

	buf_puts(&r->why, log_quote(quote, text, strlen(text)));
	if (r->once && !never_left(rc))
		request_done(r, ANSWER_LATER);
	else if (can_heal(rc))
		request_again(r, ANSWER_LATER);
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
		    "%ld: a redirect%s%s is not followed: "
		    "the key is for this address only",
		    status, r->host[0] ? " to " : "", r->host);
		request_done(r, ANSWER_FAILED);
	} else if (status == 408 || status == 429 || status >= 500) {
		r->client->options->refusal(&r->why, status, &r->body);
		if (r->once && status != 429)
			request_done(r, ANSWER_LATER);
		else
			request_again(r, ANSWER_LATER);
	} else {
		request_done(r, ANSWER_REFUSED);
	}
}

/* The list of names, which is long and always the same, is left out. */
static void
request_report(const struct request *r, long ms)
{
	const char *url = r->url.p, *names = strstr(url, "&events=");

	request_fields(r);
	log_field_int("bytes", (int64_t)r->body.len);
	log_field_int("duration_ms", ms);
	log_message(LEVEL_INFO, "%.*s: %ld, %zu bytes, %ld ms%s%s",
	    (int)(names ? names - url : (ptrdiff_t)strlen(url)), url, r->status,
	    r->body.len, ms, r->id[0] ? ", request " : "", r->id);
}

void
request_finish(struct request *r, CURLcode rc)
{
	curl_off_t took = 0;

	r->code = rc;
	curl_multi_remove_handle(r->client->multi, r->easy);
	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &r->status);
	curl_easy_getinfo(r->easy, CURLINFO_TOTAL_TIME_T, &took);
	if (r->client->options->verbose)
		request_report(r, (long)(took / 1000));
	request_take_dates(r);
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
