/* SPDX-License-Identifier: MIT */
#ifndef WOS_OTLP_SETTINGS_H
#define WOS_OTLP_SETTINGS_H

#include <stdbool.h>

#include <curl/curl.h>

/* Where spans are posted, and how: the OTEL_EXPORTER_OTLP_ variables. */
struct settings {
	char *url;   /* for curl_free */
	char *shown; /* the same fit for a message: no user, no query */
	struct curl_slist *headers;
	long timeout_ms;         /* of one request */
	const char *certificate; /* whom to trust; NULL: as usual */
	const char *client_certificate, *client_key; /* or NULL */
};

/* Does the environment ask for traces at all? */
bool settings_wanted(void);

/*
 * Reads them.  `timeout_ms` is the longest that a request may take.  Returns 0;
 * or -1 if spans can't be posted, with the reason said on stderr, which has no
 * secret in it.  settings_release in either case.
 */
int settings_read(struct settings *s, long timeout_ms);
void settings_release(struct settings *s);

#endif
