/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "reason.h"
#include "status_parts.h"
#include "timestamp.h"
#include "visible.h"

#define NEXT_AGAIN "run wos-sync, which reads again from the oldest event"
#define NEXT_CLOCK                                                             \
	"compare the clocks with wos-doctor, and set the one that is wrong"
#define NEXT_RUNS                                                              \
	"see that wos-sync runs: wos-doctor looks at its timer, the key and "  \
	"the API"
#define NEXT_FORGOTTEN                                                         \
	"run wos-sync; if it ends with status 4, wos-sync --resume goes on "   \
	"and notes what may be missing"

const struct verdict_row verdicts[NVERDICTS] = {
    [STALE] = {"stale", 2},
    [GAP] = {"gap", 2},
    [PARTIAL] = {"partial", 1},
    [BEHIND] = {"behind", 1},
    [PARKED] = {"parked", 1},
    [FRESH] = {"fresh", 0},
};

/* A number or a time in words. */
struct words {
	char text[40];
};

/* 1,234,567 */
static struct words
number(int64_t n)
{
	struct words w;

	if (n < 1000)
		snprintf(w.text, sizeof w.text, "%" PRId64, n);
	else
		snprintf(w.text, sizeof w.text, "%.30s,%03d",
		    number(n / 1000).text, (int)(n % 1000));
	return w;
}

/* Two units at most, the second only where it matters: 1 h 5 min, 12 days */
static struct words
span(int64_t ms)
{
	enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
	static const struct step {
		int64_t below, unit;
		const char *name;
		int64_t rest_unit;
		const char *rest;
	} steps[] = {
	    {1, 1, "s", 0, NULL},
	    {SECOND, 1, "ms", 0, NULL},
	    {MINUTE, SECOND, "s", 0, NULL},
	    {10 * MINUTE, MINUTE, "min", SECOND, "s"},
	    {HOUR, MINUTE, "min", 0, NULL},
	    {10 * HOUR, HOUR, "h", MINUTE, "min"},
	    {2 * DAY_MS, HOUR, "h", 0, NULL},
	    {10 * DAY_MS, DAY_MS, "days", HOUR, "h"},
	    {INT64_MAX, DAY_MS, "days", 0, NULL},
	};
	const struct step *s = steps;
	struct words w;
	int64_t rest;
	int len;

	while (ms >= s->below)
		s++;
	len = snprintf(w.text, sizeof w.text, "%.27s %s",
	    number(ms / s->unit).text, s->name);
	rest = s->rest == NULL ? 0 : ms % s->unit / s->rest_unit;
	if (rest > 0)
		snprintf(w.text + len, sizeof w.text - (size_t)len,
		    " %" PRId64 " %s", rest, s->rest);
	return w;
}

static struct words
ago(int64_t ms)
{
	struct words w = {"just now"};

	if (ms >= SECOND_MS)
		snprintf(w.text, sizeof w.text, "%.30s ago", span(ms).text);
	return w;
}

/* 2026-11-23 17:03 UTC */
static struct words
when(int64_t ms)
{
	char text[TIMESTAMP_SIZE];
	struct words w;

	timestamp_format(ms, text);
	snprintf(w.text, sizeof w.text, "%.10s %.5s UTC", text, text + 11);
	return w;
}

/*
 * Adds a reason, and what to do about it; of several cursors, it says which one
 * it is about.
 */
__attribute__((format(printf, 5, 6))) static void
find(struct status_report *r, enum verdict verdict,
    const struct status_cursor *c, const char *next, const char *fmt, ...)
{
	struct reason *new;
	va_list ap;
	int len = 0;

	r->reason = memory_more(r->reason, r->nreasons + 1, sizeof *r->reason);
	new = &r->reason[r->nreasons++];
	new->verdict = verdict;
	new->next = next;
	if (r->ncursors > 1 && c != NULL)
		len = snprintf(
		    new->text, sizeof new->text, "cursor %s: ", c->name);
	va_start(ap, fmt);
	vsnprintf(new->text + len, sizeof new->text - (size_t)len, fmt, ap);
	va_end(ap);
	if (verdict < r->verdict)
		r->verdict = verdict;
}

/* What a cursor stands for that is not known, or that is not all there yet. */
static void
judge_scope(struct status_report *r, const struct status_cursor *c)
{
	size_t filling = scope_count(&c->scope, SCOPE_FILLING);

	if (c->stray)
		find(r, PARTIAL, c, NEXT_AGAIN,
		    "its event is not in the ledger: is this another copy of "
		    "the database?");
	else if (!c->scope.known)
		find(r, PARTIAL, c, NEXT_AGAIN,
		    "which events it stands for is not known; the next "
		    "wos-sync reads again from the oldest");
	if (filling > 0)
		find(r, PARTIAL, c,
		    "let wos-sync run until it ends with status 0",
		    "older events of %s %s missing; the next wos-sync goes on "
		    "with them",
		    number((int64_t)filling).text,
		    filling == 1 ? "type are" : "types are");
}

/*
 * A time that has not come yet was noted by a clock that was wrong, or this one
 * is.
 */
static void
judge_clock(struct status_report *r, const struct status_cursor *c)
{
	int64_t now = r->o->now;

	if (c->tail_seen_at > now + SKEW_MS)
		find(r, BEHIND, c, NEXT_CLOCK,
		    "the newest event was reached %s in the future: a clock is "
		    "wrong",
		    span(c->tail_seen_at - now).text);
	if (c->event_at > now + SKEW_MS)
		find(r, BEHIND, c, NEXT_CLOCK,
		    "its event happens %s in the future: a clock is wrong",
		    span(c->event_at - now).text);
}

static void
judge_cursor(struct status_report *r, const struct status_cursor *c)
{
	if (c->age > r->o->stale)
		find(r, STALE, c,
		    c->age < RETENTION_MS ? NEXT_RUNS : NEXT_FORGOTTEN,
		    "nothing was read for %s; the API %s", span(c->age).text,
		    c->age < RETENTION_MS
			? "forgets after 30 days"
			: "may have forgotten what came after");
	if (c->gap)
		find(r, GAP, c,
		    "run wos-sync --list, which gets all objects as they are "
		    "now; then wos-apply --gap 0:0 removes the note",
		    "events from %s to %s may be missing",
		    when(c->gap_from).text, when(c->gap_to).text);
	judge_scope(r, c);
	judge_clock(r, c);
	if (c->tail_seen_at == UNKNOWN)
		find(r, BEHIND, c,
		    "let wos-sync run until it ends with status 0",
		    "the newest event was never reached");
	else if (c->tail_age > r->o->behind)
		find(r, BEHIND, c, NEXT_RUNS,
		    "last reached the newest event %s", ago(c->tail_age).text);
}

static void
judge_none(struct status_report *r)
{
	const char *only = r->o->only;
	char name[SHOWN_SIZE];

	if (only == NULL)
		find(r, BEHIND, NULL, "run wos-sync", "nothing was synced yet");
	else
		find(r, BEHIND, NULL,
		    "name a cursor that wos-sync --cursor-name has made",
		    "there is no cursor %s",
		    visible(name, sizeof name, only, strlen(only)));
}

void
status_judge(struct status_report *r)
{
	int64_t parked = status_rows(r, "parked_event");

	r->verdict = FRESH;
	for (size_t i = 0; i < r->ncursors; i++)
		judge_cursor(r, &r->cursor[i]);
	if (r->ncursors == 0)
		judge_none(r);
	if (parked > 0)
		find(r, PARKED, NULL,
		    "see why with wos-apply --parked; wos-apply --parked-retry "
		    "tries them again, after an upgrade for instance",
		    "%s %s parked", number(parked).text,
		    parked == 1 ? "event is" : "events are");
	if (r->verdict >= PARKED)
		find(r, FRESH, NULL, NULL, "%s %s",
		    r->ncursors == 1
			? "reached the newest event"
			: "all cursors reached their newest events, the last "
			  "of them",
		    ago(r->tail_age).text);
}

int64_t
status_valid_until(const struct status_report *r)
{
	bool counts = r->tail_age != UNKNOWN && r->tail_age <= r->o->behind;

	return r->o->now + r->o->behind - (counts ? r->tail_age : 0);
}

const char *
status_run_next(const struct status_run *s)
{
	switch (s->state) {
	case RUN_LOST:
		return reason_next("signal");
	case RUN_FAILED:
		return reason_next(s->run.reason);
	default:
		return NULL;
	}
}
