/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "otlp_sampler.h"
#include "visible.h"

static void
complain(const char *variable, const char *value, const char *what)
{
	char shown[100];

	log_warnx("%s: %s: %s", variable,
	    visible(shown, sizeof shown, value, strlen(value)), what);
}

/* The share of traces that are wanted, 0 to 1; all by default. */
static double
sampler_ratio(void)
{
	static const char variable[] = "OTEL_TRACES_SAMPLER_ARG";
	const char *text = getenv(variable);
	double ratio;
	char *end;

	if (text == NULL || *text == '\0')
		return 1;
	ratio = strtod(text, &end);
	if (*end == '\0' && ratio >= 0 && ratio <= 1)
		return ratio;
	complain(variable, text, "not a number from 0 to 1: taken as 1");
	return 1;
}

/*
 * All who see a trace's id decide alike: by its last 56 bits, which are the
 * random ones.
 */
static bool
ratio_wants(const struct traceparent *place)
{
	const char *tail = place->trace_id + TRACE_ID_DIGITS - 14;

	return (double)strtoumax(tail, NULL, 16) <
	       sampler_ratio() * (double)(UINT64_C(1) << 56);
}

bool
sampler_wants(const struct traceparent *place)
{
	static const char variable[] = "OTEL_TRACES_SAMPLER";
	static const char by_parent[] = "parentbased_";
	const char *name = getenv(variable), *rest = name;
	bool wants = true;

	if (name == NULL || *name == '\0')
		rest = name = "parentbased_always_on";
	if (strncmp(name, by_parent, strlen(by_parent)) == 0) {
		rest += strlen(by_parent);
		if (*place->span_id != '\0' && strcmp(rest, "always_on") != 0 &&
		    strcmp(rest, "always_off") != 0 &&
		    strcmp(rest, "traceidratio") != 0)
			rest = name; /* to be complained of */
		else if (*place->span_id != '\0')
			return place->sampled;
	}
	if (strcmp(rest, "traceidratio") == 0)
		wants = ratio_wants(place);
	else if (strcmp(rest, "always_off") == 0)
		wants = false;
	else if (strcmp(rest, "always_on") != 0) {
		complain(
		    variable, name, "not a sampler: parentbased_always_on");
		wants = *place->span_id == '\0' || place->sampled;
	}
	return wants;
}
