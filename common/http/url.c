/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "log.h"
#include "memory.h"
#include "status.h"
#include "url.h"

static bool
host_is_loopback(const char *host)
{
	size_t len = strlen(host);
	char bare[64];
	struct in_addr v4;
	struct in6_addr v6;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (host[0] != '[' || len < 2 || len > sizeof bare)
		return false;
	memcpy(bare, host + 1, len - 2);
	bare[len - 2] = '\0';
	return inet_pton(AF_INET6, bare, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Whether libcurl has done it; a part that it has no memory for is not missing.
 */
static bool
done(CURLUcode rc)
{
	if (rc == CURLUE_OUT_OF_MEMORY)
		memory_out();
	return rc == CURLUE_OK;
}

/* A part of the URL, to be freed with curl_free, or NULL. */
static char *
url_part(CURLU *url, CURLUPart what)
{
	char *text = NULL;

	return done(curl_url_get(url, what, &text, 0)) ? text : NULL;
}

/* Why the key can't be sent there, or NULL. */
static const char *
url_fault(CURLU *url, bool *plain)
{
	char *scheme = url_part(url, CURLUPART_SCHEME);
	char *host = url_part(url, CURLUPART_HOST);
	char *user = url_part(url, CURLUPART_USER);
	char *password = url_part(url, CURLUPART_PASSWORD);
	char *query = url_part(url, CURLUPART_QUERY);
	char *fragment = url_part(url, CURLUPART_FRAGMENT);
	const char *why = NULL;

	*plain = scheme != NULL && strcmp(scheme, "http") == 0;
	if (scheme == NULL || host == NULL ||
	    (!*plain && strcmp(scheme, "https") != 0))
		why = "not an https URL";
	else if (user != NULL || password != NULL)
		why = "a base URL takes no user or password";
	else if (query != NULL || fragment != NULL)
		why = "a base URL takes no query or fragment";
	else if (*plain && !host_is_loopback(host))
		why = "plain http would show the key to the network; "
		      "only a loopback host may have it";
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(password);
	curl_free(query);
	curl_free(fragment);
	return why;
}

void
url_of_base(const char *place, const char *base, struct buf *out, bool *plain)
{
	CURLU *url = curl_url();
	const char *why = "not a URL";
	char *text;

	if (url == NULL)
		memory_out();
	if (done(curl_url_set(url, CURLUPART_URL, base, 0)))
		why = url_fault(url, plain);
	if (why !=
	    NULL) /* it may have a password in it, and not where it should */
		log_errx(STATUS_USAGE, "%s: %s", place, why);
	text = url_part(url, CURLUPART_URL);
	buf_puts(out, text ? text : base);
	while (out->len > 0 && out->p[out->len - 1] == '/')
		out->len--;
	buf_str(out);
	curl_free(text);
	curl_url_cleanup(url);
}

void
url_server(const char *url, struct buf *host, int64_t *port)
{
	CURLU *u = curl_url();
	char *text;

	*port = 0;
	if (u == NULL || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK)
		return;
	if ((text = url_part(u, CURLUPART_HOST)) != NULL)
		buf_puts(host, text);
	curl_free(text);
	text = NULL;
	curl_url_get(u, CURLUPART_PORT, &text, CURLU_DEFAULT_PORT);
	if (text != NULL)
		*port = strtol(text, NULL, 10);
	curl_free(text);
	curl_url_cleanup(u);
}
