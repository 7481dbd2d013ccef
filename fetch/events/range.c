/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "duration.h"
#include "log.h"
#include "range.h"
#include "status.h"
#include "timestamp.h"

/* 10,000 years: what is further away from 1970 is no time that is meant. */
#define TIME_MAX_MS (INT64_C(10000) * 366 * DAY_MS)

/* The time in an id may be a millisecond beside the event's own. */
#define MARGIN_SLACK_MS 1

/* Reads the digits that a text begins with. */
static int
read_digits(const char **text, int64_t *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return -1;
	errno = 0;
	*value = strtoimax(*text, &end, 10);
	*text = end;
	return errno == 0 ? 0 : -1;
}

/* Reads a TIME: ISO 8601, Unix milliseconds, or an age before `now`. */
static int
read_moment(const char *text, int64_t now, int64_t *ms)
{
	const char *rest = text;
	int64_t value;

	if (duration_read(text, &value) == 0)
		value = now - value;
	else if (read_digits(&rest, &value) != 0 || *rest != '\0')
		return timestamp_parse(text, strlen(text), ms);
	if (value < -TIME_MAX_MS || value > TIME_MAX_MS)
		return -1;
	*ms = value;
	return 0;
}

/* Before that, in 1973, a number is more likely to count seconds. */
#define MS_PLAUSIBLE INT64_C(100000000000)

/* Returns true if it is an age. */
static bool
read_time(const char *name, const char *text, int64_t now, int64_t *ms)
{
	int64_t span;

	if (read_moment(text, now, ms) == -1)
		log_errx(STATUS_USAGE,
		    "%s: %s: not a time: 2026-01-31T12:00:00Z, "
		    "Unix milliseconds, or an age as 15m, 1h or 30d",
		    name, text);
	if (text[strspn(text, "0123456789")] == '\0' && *ms > 0 &&
	    *ms < MS_PLAUSIBLE)
		log_warnx(
		    "%s: %s: taken as milliseconds since 1970, not seconds",
		    name, text);
	return duration_read(text, &span) == 0;
}

/* When the event of `after` was, or TIME_NONE. */
static int64_t
cursor_time(const struct terms *t)
{
	int64_t at = t->cursor_at;

	if (at == TIME_NONE && t->after != NULL)
		timestamp_of_ulid(t->after, strlen(t->after), &at);
	return at;
}

/*
 * With a margin the stream begins some time before the cursor, and has to come
 * to it: an API that does not list that event any more has forgotten it.
 */
static void
read_margin(struct terms *t)
{
	int64_t at = cursor_time(t);

	if (t->after == NULL || t->margin == 0 || t->margin == TIME_NONE)
		return;
	if (at == TIME_NONE) {
		log_warnx("--margin: %s: there is no time in this id: "
			  "starting right after it",
		    t->after);
		return;
	}
	t->since = at - t->margin;
	if (t->until == TIME_NONE || t->until > at + MARGIN_SLACK_MS) {
		t->passes_at = at + MARGIN_SLACK_MS;
		t->probe = t->after;
	}
	if (t->until != TIME_NONE && t->since >= t->until)
		t->max = 0; /* there is nothing before the end */
}

/* A cursor past the end would find nothing for ever, and look like success. */
static void
warn_of_end(const struct terms *t)
{
	int64_t at;

	if (timestamp_of_ulid(t->after, strlen(t->after), &at) == 0 &&
	    at >= t->until)
		log_warnx("%s: this event is not before the end of the range: "
			  "there is nothing to fetch",
		    t->after);
}

/* An option beats the environment, and --after stands for a beginning. */
static void
read_ends(const struct range *r, struct terms *t, int64_t now)
{
	const char *start = getenv("EVENTS_RANGE_START");
	const char *end = getenv("EVENTS_RANGE_END");

	if (r->since != NULL) {
		t->since_is_age =
		    read_time("--since", r->since, now, &t->since);
	} else if (t->after == NULL && start != NULL && *start != '\0') {
		t->since_is_age =
		    read_time("EVENTS_RANGE_START", start, now, &t->since);
		t->from_environment = true;
	}
	if (r->until != NULL)
		read_time("--until", r->until, now, &t->until);
	else if (end != NULL && *end != '\0')
		read_time("EVENTS_RANGE_END", end, now, &t->until);
}

void
range_read(const struct range *r, struct terms *t)
{
	int64_t now = time_now();

	read_ends(r, t, now);
	if (t->since != TIME_NONE && t->until != TIME_NONE &&
	    t->since >= t->until)
		log_errx(STATUS_USAGE, "%s: the range ends before it begins",
		    r->until != NULL ? "--until" : "EVENTS_RANGE_END");
	if (t->follow_ms > 0 && t->until != TIME_NONE)
		log_errx(STATUS_USAGE,
		    "--follow: it does not go with EVENTS_RANGE_END");
	if (r->cursor_time != NULL)
		read_time("--cursor-time", r->cursor_time, now, &t->cursor_at);
	read_margin(t);
	if (t->after != NULL && t->until != TIME_NONE)
		warn_of_end(t);
}
