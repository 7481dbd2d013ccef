/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api.h"
#include "check.h"
#include "clock.h"
#include "finding.h"
#include "http/key.h"
#include "http/one.h"
#include "refusal.h"

const struct key_names workos_key = {
    "API key", "WORKOS_API_KEY", "--api-key-file"};

/* Clocks that are set over the network differ by less. */
#define CLOCK_OFF_MS (60 * SECOND_MS)

#define KEY_BEGINS "sk_"

/* The first of these variables that is set, or NULL. */
static const char *
first_set(const char *const name[])
{
	const char *value;

	for (; *name != NULL; name++)
		if ((value = getenv(*name)) != NULL && *value != '\0')
			return *name;
	return NULL;
}

static void
check_libraries(void)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	finding(FINDING_OK, "libcurl", "%s, %s", v->version,
	    v->ssl_version != NULL ? v->ssl_version : "without TLS");
}

/* A container's may have to be. */
static bool
is_for_everyone(const char *file)
{
	struct stat s;

	return file != NULL && stat(file, &s) == 0 && S_ISREG(s.st_mode) &&
	       (s.st_mode & S_IROTH) != 0;
}

/* Their values may have passwords in them: the name says where to look. */
static void
check_proxy(void)
{
	static const char *const proxies[] = {
	    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
	const char *name = first_set(proxies);

	if (name != NULL)
		finding(FINDING_OK, "proxy", "the one in %s", name);
	else
		finding(FINDING_OK, "proxy", "none");
}

char *
check_key(const char *file)
{
	const char *place = file != NULL ? file : "WORKOS_API_KEY";
	struct buf why = {0};
	int status;
	char *key = key_find(&workos_key, file, &why, &status);

	check_libraries();
	check_proxy();
	if (key == NULL)
		finding(
		    FINDING_BAD, "key", "%s" REFUSAL_OTHER_KEY, buf_str(&why));
	else if (strncmp(key, KEY_BEGINS, strlen(KEY_BEGINS)) != 0)
		finding(FINDING_TODO, "key",
		    "%s: it does not begin with " KEY_BEGINS
		    ", as keys of WorkOS do",
		    place);
	else if (is_for_everyone(file))
		finding(FINDING_TODO, "key",
		    "%s: everyone on this machine may read it: chmod 400 for "
		    "the user of wos alone",
		    place);
	else
		finding(FINDING_OK, "key", "found in %s", place);
	buf_free(&why);
	return key;
}

static bool
is_of_certificates(CURLcode rc)
{
	return rc == CURLE_PEER_FAILED_VERIFICATION ||
	       rc == CURLE_SSL_CACERT_BADFILE || rc == CURLE_SSL_CERTPROBLEM;
}

static void
check_unreached(const struct request *r)
{
	if (is_of_certificates(r->code))
		finding(FINDING_BAD, "certificates",
		    "%s: %s: install ca-certificates and look at this "
		    "machine's clock; behind a proxy that reads along, name "
		    "its authority's file in CURL_CA_BUNDLE",
		    r->place.p, r->why.p);
	else
		finding(FINDING_BAD, "api",
		    "%s: %s: look at the network, at https_proxy and "
		    "no_proxy, at WORKOS_BASE_URL, and at a firewall",
		    r->place.p, r->why.p);
}

static void
check_clock(const struct request *r)
{
	int64_t off = r->date != TIME_NONE ? r->sent_at - r->date : 0;
	const char *side = off > 0 ? "ahead of" : "behind";

	if (r->date == TIME_NONE)
		finding(FINDING_TODO, "clock",
		    "the answer has no date to compare it with");
	else if (llabs(off) <= CLOCK_OFF_MS)
		finding(FINDING_OK, "clock", "as the API's");
	else
		finding(FINDING_BAD, "clock",
		    "%lld s %s the API's: set it, with timedatectl set-ntp "
		    "true for example",
		    llabs(off) / SECOND_MS, side);
}

/* What the answer says of the key, if one was sent. */
static void
check_accepted(const struct request *r, bool sent)
{
	struct buf why = {0};

	if (r->status != 200)
		refusal_add(&why, r->status, &r->body);
	if (r->status == 200)
		finding(FINDING_OK, "access", "the API takes the key");
	else if (sent && (r->status == 401 || r->status == 403))
		finding(FINDING_BAD, "access", "the API refuses the key: %s",
		    buf_str(&why));
	else if (sent)
		finding(
		    FINDING_BAD, "access", "%s: %s", r->place.p, buf_str(&why));
	buf_free(&why);
}

static void
check_answer(struct client *c, const struct request *r, bool sent)
{
	if (r->status == 0 || (r->answer == ANSWER_FAILED && r->why.len > 0)) {
		check_unreached(r);
		return;
	}
	if (!c->plain)
		finding(FINDING_OK, "certificates", "the API's is good");
	if (r->answer == ANSWER_LATER)
		finding(FINDING_BAD, "api", "%s: %s", r->place.p, r->why.p);
	else
		finding(FINDING_OK, "api", "%s answers", c->base.p);
	check_clock(r);
	if (r->answer != ANSWER_LATER)
		check_accepted(r, sent);
}

int
check(struct client *c)
{
	struct request *r = one_begin(c);

	request_start(r, LEAST_ROUTE, NULL, LEAST_QUERY);
	one_wait_any(r);
	check_answer(c, r, c->options->key != NULL);
	request_stop(r);
	return finding_status();
}
