/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the variables of OpenTelemetry.  The text has their values, each
 * up to a bar.  Whatever they are, spans go to an http or https URL, a
 * header stays one line, what is shown of the URL has no secret, and what
 * describes the programs is JSON.
 */
#include <string.h>

#include "fuzz.h"
#include "otlp/otlp_settings.h"
#include "otlp/resource.h"

static const char *const variable[] = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME",
    "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"};

/* What stands behind the NUL of a value is no part of it. */
static void
set_variables(char *text)
{
	for (size_t i = 0; i < sizeof variable / sizeof *variable; i++) {
		char *value = strsep(&text, "|");

		if (value == NULL)
			unsetenv(variable[i]);
		else
			setenv(variable[i], value, 1);
	}
}

static void
check_url(const struct settings *s)
{
	CURLU *url = curl_url();
	char *part;

	MUST(strncmp(s->url, "http", 4) == 0);
	MUST(curl_url_set(url, CURLUPART_URL, s->shown, 0) == CURLUE_OK);
	MUST(curl_url_get(url, CURLUPART_USER, &part, 0) != CURLUE_OK);
	MUST(curl_url_get(url, CURLUPART_PASSWORD, &part, 0) != CURLUE_OK);
	MUST(curl_url_get(url, CURLUPART_QUERY, &part, 0) != CURLUE_OK);
	MUST(curl_url_get(url, CURLUPART_FRAGMENT, &part, 0) != CURLUE_OK);
	curl_url_cleanup(url);
}

static void
check_settings(void)
{
	struct settings s;

	(void)settings_wanted();
	if (settings_read(&s, 10000) == 0) {
		check_url(&s);
		MUST(s.timeout_ms > 0 && s.timeout_ms <= 10000);
		for (struct curl_slist *h = s.headers; h != NULL; h = h->next)
			MUST(strpbrk(h->data, "\r\n") == NULL &&
			     strpbrk(h->data, ":;") != NULL);
	}
	settings_release(&s);
}

static void
check_resource(void)
{
	struct buf list = {0}, json = {0};

	(void)resource_add(&list);
	buf_printf(&json, "[%s]", buf_str(&list));
	MUST(is_utf8(json.p, json.len));
	MUST(jv_array_length(read_jv(read_line(json.p, json.len))) <=
	     RESOURCE_MOST);
	buf_free(&list);
	buf_free(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	set_variables(text);
	free(text);
	check_settings();
	check_resource();
	return 0;
}
