/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "d1_api.h"
#include "d1_name.h"
#include "http/key.h"
#include "http/one.h"
#include "http/url.h"
#include "json_string.h"
#include "log.h"
#include "secret.h"
#include "status.h"

#define BASE_VARIABLE "CLOUDFLARE_API_BASE_URL"
#define RATE_VARIABLE "WOS_D1_RATE"
#define TOKEN_FILE "CLOUDFLARE_API_TOKEN_FILE"

#define CLOUDFLARE "api.cloudflare.com"
#define BASE_URL "https://" CLOUDFLARE "/client/v4"

/*
 * Cloudflare takes 1,200 requests in five minutes for a token, and then none
 * for the next five: a sixth is left to the other programs of a run, and to
 * what else has the token.  An address of one's own has limits of its own.
 */
#define RATE_REQUESTS 1000
#define RATE_SECONDS 300
#define RATE_FREE_REQUESTS 1000000

/*
 * Bytes of an answer: a row of 2,000,000 bytes, each of which JSON may write as
 * six.
 */
#define ANSWER_MAX (16 << 20)

/* What is told of where a request went. */
#define ROUTE "/accounts/{account}/d1/database/{database}/raw"
#define ROUTE_NAME "/accounts/{account}/d1/database"

/* What the environment has, unless that is nothing. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

const char *
d1_api_token_file(void)
{
	return db_token_file != NULL ? db_token_file : variable(TOKEN_FILE);
}

/* Is it Cloudflare itself, however the address is written? */
static bool
is_cloudflare(const char *url)
{
	struct buf host = {0};
	int64_t port;
	bool is;

	url_server(url, &host, &port);
	is = strcasecmp(buf_str(&host), CLOUDFLARE) == 0;
	buf_free(&host);
	return is;
}

static void
set_rate(struct client_options *o)
{
	const char *rate = variable(RATE_VARIABLE);
	bool other = !is_cloudflare(o->base_url);

	o->rate_requests = other ? RATE_FREE_REQUESTS : RATE_REQUESTS;
	o->rate_seconds = other ? 1 : RATE_SECONDS;
	if (rate != NULL &&
	    rate_read(rate, &o->rate_requests, &o->rate_seconds) == -1)
		log_errx(STATUS_USAGE,
		    RATE_VARIABLE ": %s: not a rate: 4, or 1000/300", rate);
}

static void
set_options(struct d1_api *api)
{
	static const struct key_names names = {"API token",
	    "CLOUDFLARE_API_TOKEN", TOKEN_FILE ", which names a file with it"};
	const char *base = variable(BASE_VARIABLE);

	key_guard();
	api->token = key_read(&names, d1_api_token_file());
	api->options =
	    (struct client_options){.base_url = base != NULL ? base : BASE_URL,
		.base_place = BASE_VARIABLE,
		.key = api->token,
		.agent = "wos-apply/" WOS_VERSION,
		.sends = true,
		.refusal = d1_refusal,
		.timeout_ms = TIMEOUT_MS,
		.low_speed_s = TIMEOUT_MS / 1000, /* a batch may take 30 */
		.retries = RETRIES,
		.pause_ms = RETRY_PAUSE_MS,
		.jobs = 1,
		.body_max = ANSWER_MAX};
	set_rate(&api->options);
}

static struct request *
begin(struct d1_api *api)
{
	if (api->request != NULL)
		request_stop(api->request);
	return api->request = one_begin(&api->client);
}

/*
 * Waits for the answer.  What D1 itself says of a moment's fault is asked for
 * again, as what HTTP says of one has been.
 */
static void
finish(struct d1_api *api, struct d1_answer *a)
{
	struct request *r = api->request;

	do {
		one_wait_any(r);
		d1_answer_read(a, r);
		if (a->rc != DB_AGAIN || r->once || r->answer == ANSWER_LATER ||
		    (a->large && api->divisible))
			return;
		buf_clear(&r->why);
		buf_puts(&r->why, a->why);
	} while (request_again(r, ANSWER_LATER));
}

/* The UUID of the database in the list that has this name, exactly. */
static bool
find_uuid(const struct d1_answer *a, const char *name, struct buf *uuid)
{
	static const char *const member[] = {"name", "uuid"};
	struct jsonspan m[2];
	struct jsonwalk w;

	if (!d1_results_begin(&w, a))
		return false;
	while (jsonwalk_element(&w) && jsonwalk_pick(&w, 2, member, m)) {
		if (!jsontext_is_string(m[0]) || !jsontext_is(m[0], name) ||
		    !jsontext_is_string(m[1]))
			continue;
		json_string_read(uuid, m[1].p, m[1].len);
		return d1_is_uuid(buf_str(uuid));
	}
	return false;
}

static enum db_result
look_up(struct d1_api *api, const char *name, char why[DB_WHY_SIZE])
{
	struct buf query = {0}, uuid = {0};
	struct d1_answer a;
	struct request *r = begin(api);

	client_add_parameter(&api->client, &query, "name", name);
	request_start_at(r, ROUTE_NAME, buf_str(&api->path), buf_str(&query));
	finish(api, &a);
	if (a.rc == DB_OK && !find_uuid(&a, name, &uuid)) {
		a.rc = DB_FAILED;
		snprintf(a.why, sizeof a.why,
		    "the account has no D1 database of this name; wrangler d1 "
		    "create makes one");
	}
	buf_printf(&api->path, "/%s", buf_str(&uuid));
	memcpy(why, a.why, DB_WHY_SIZE);
	buf_free(&query);
	buf_free(&uuid);
	return a.rc;
}

enum db_result
d1_api_init(struct d1_api *api, const char *where, char why[DB_WHY_SIZE])
{
	const char *account = where + strlen(D1_SCHEME),
		   *slash = strchr(account, '/');
	enum db_result rc = DB_OK;

	*api = (struct d1_api){0};
	set_options(api);
	client_init(&api->client, &api->options);
	buf_printf(&api->path, "/accounts/%.*s/d1/database",
	    (int)(slash - account), account);
	if (d1_is_uuid(slash + 1))
		buf_puts(&api->path, slash);
	else
		rc = look_up(api, slash + 1, why);
	buf_puts(&api->path, "/raw");
	buf_str(&api->path);
	return rc;
}

void
d1_api_release(struct d1_api *api)
{
	client_release(&api->client);
	secret_set("");
	key_free(api->token);
	buf_free(&api->path);
}

void
d1_api_send(struct d1_api *api, const struct buf *json, bool once,
    struct d1_answer *answer)
{
	request_post(begin(api), ROUTE, api->path.p, json, once);
	finish(api, answer);
}
