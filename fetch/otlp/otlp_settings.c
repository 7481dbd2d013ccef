/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "log.h"
#include "otlp_settings.h"
#include "pairs.h"
#include "visible.h"

#define PREFIX "OTEL_EXPORTER_OTLP_"

/* What a message shows of a variable. */
#define SHOWN_SIZE 200

/*
 * The variable for traces, or else that for all signals.  An empty one is as
 * good as none.  Returns NULL, or the value, and in *name whose it is.
 */
static const char *
setting(const char *what, const char **name)
{
	static char full[64];
	const char *value;

	*name = full;
	snprintf(full, sizeof full, PREFIX "TRACES_%s", what);
	value = getenv(full);
	if (value != NULL && *value != '\0')
		return value;
	snprintf(full, sizeof full, PREFIX "%s", what);
	value = getenv(full);
	return value != NULL && *value != '\0' ? value : NULL;
}

/* Is there no list of exporters, or this one in it? */
static bool
exports_otlp(void)
{
	const char *list = getenv("OTEL_TRACES_EXPORTER");
	size_t len;

	if (list == NULL || *list == '\0')
		return true;
	for (; *list != '\0'; list += len) {
		list += strspn(list, ", ");
		len = strcspn(list, ", ");
		if (len == 4 && strncmp(list, "otlp", 4) == 0)
			return true;
	}
	return false;
}

bool
settings_wanted(void)
{
	const char *disabled = getenv("OTEL_SDK_DISABLED"), *name;

	return setting("ENDPOINT", &name) != NULL && exports_otlp() &&
	       (disabled == NULL || strcasecmp(disabled, "true") != 0);
}

/* A part of the URL, to be freed with curl_free, or NULL. */
static char *
url_part(CURLU *url, CURLUPart what)
{
	char *text = NULL;

	return curl_url_get(url, what, &text, 0) == CURLUE_OK ? text : NULL;
}

/* The endpoint for all signals gets the path of traces. */
static void
url_add_path(CURLU *url)
{
	char *path = url_part(url, CURLUPART_PATH);
	struct buf longer = {0};

	if (path != NULL)
		buf_puts(&longer, path);
	while (longer.len > 0 && longer.p[longer.len - 1] == '/')
		longer.len--;
	buf_puts(&longer, "/v1/traces");
	curl_url_set(url, CURLUPART_PATH, buf_str(&longer), 0);
	buf_free(&longer);
	curl_free(path);
}

static bool
url_is_http(CURLU *url)
{
	char *scheme = url_part(url, CURLUPART_SCHEME);
	bool is = scheme != NULL &&
		  (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);

	curl_free(scheme);
	return is;
}

/* There may be a password in it, so no part of a bad one is shown. */
static int
read_url(struct settings *s)
{
	CURLU *url = curl_url();
	const char *name, *text = setting("ENDPOINT", &name);
	bool whole = strstr(name, "TRACES") != NULL;
	int rc = -1;

	if (url == NULL || text == NULL ||
	    curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    !url_is_http(url)) {
		log_warnx("%s: not an http or https URL: no traces", name);
	} else {
		if (!whole)
			url_add_path(url);
		s->url = url_part(url, CURLUPART_URL);
		curl_url_set(url, CURLUPART_USER, NULL, 0);
		curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
		curl_url_set(url, CURLUPART_QUERY, NULL, 0);
		curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
		s->shown = url_part(url, CURLUPART_URL);
		rc = s->url != NULL && s->shown != NULL ? 0 : -1;
	}
	curl_url_cleanup(url);
	return rc;
}

/* JSON goes wherever protobuf is taken, but not over gRPC. */
static int
check_protocol(void)
{
	const char *name, *text = setting("PROTOCOL", &name);
	char shown[SHOWN_SIZE];

	if (text == NULL || strncmp(text, "http/", 5) == 0)
		return 0;
	log_warnx("%s: %s: only http/json is spoken: no traces", name,
	    visible(shown, sizeof shown, text, strlen(text)));
	return -1;
}

static void
read_timeout(struct settings *s)
{
	const char *name, *text = setting("TIMEOUT", &name);
	char shown[SHOWN_SIZE], *end;
	long ms;

	if (text == NULL)
		return;
	ms = strtol(text, &end, 10);
	if (*end != '\0' || ms < 0)
		log_warnx("%s: %s: not a number of milliseconds", name,
		    visible(shown, sizeof shown, text, strlen(text)));
	else if (ms > 0 && ms < s->timeout_ms)
		s->timeout_ms = ms;
}

/* A name that may stand before the colon of a header (RFC 9110). */
static bool
is_token(const char *text)
{
	static const char token[] =
	    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return *text != '\0' && text[strspn(text, token)] == '\0';
}

/* A value that is one line. */
static bool
is_field(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') ||
		    *text == 0x7F)
			return false;
	return true;
}

static void
add_header(struct settings *s, const char *text)
{
	struct curl_slist *list = curl_slist_append(s->headers, text);

	if (list != NULL)
		s->headers = list;
}

/* What the body is like is ours to say. */
static bool
is_ours(const char *name)
{
	return strcasecmp(name, "content-type") == 0 ||
	       strcasecmp(name, "content-length") == 0 ||
	       strcasecmp(name, "transfer-encoding") == 0;
}

/* They are secrets: a bad one is not shown. */
static void
read_headers(struct settings *s)
{
	const char *variable, *list = setting("HEADERS", &variable);
	struct buf name = {0}, value = {0}, line = {0};
	int rc;

	add_header(s, "Content-Type: application/json");
	add_header(s, "Expect:"); /* nor wait for a word before the body */
	while (list != NULL && (rc = pairs_next(&list, &name, &value)) != 0) {
		if (rc == -1 || !is_token(buf_str(&name)) ||
		    !is_field(buf_str(&value)) || is_ours(name.p)) {
			log_warnx("%s: what is in it is no list of headers: "
				  "one is left out",
			    variable);
			continue;
		}
		buf_clear(&line);
		buf_printf(
		    &line, "%s%s%s", name.p, value.len ? ": " : ";", value.p);
		add_header(s, buf_str(&line));
	}
	buf_free(&name);
	buf_free(&value);
	buf_free(&line);
}

int
settings_read(struct settings *s, long timeout_ms)
{
	const char *name;

	*s = (struct settings){.timeout_ms = timeout_ms};
	if (check_protocol() == -1 || read_url(s) == -1)
		return -1;
	read_timeout(s);
	read_headers(s);
	s->certificate = setting("CERTIFICATE", &name);
	s->client_certificate = setting("CLIENT_CERTIFICATE", &name);
	s->client_key = setting("CLIENT_KEY", &name);
	return 0;
}

void
settings_release(struct settings *s)
{
	curl_free(s->url);
	curl_free(s->shown);
	curl_slist_free_all(s->headers);
	*s = (struct settings){0};
}
