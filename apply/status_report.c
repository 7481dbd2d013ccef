/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "catalogue.h"
#include "json_string.h"
#include "status_parts.h"
#include "status_report.h"
#include "timestamp.h"
#include "visible.h"

/* Parked events that are listed: enough to see what they have in common. */
#define PARKED_MOST "20"

static void
put_value(struct status_report *r, char kind, va_list *ap)
{
	const char *text = NULL;
	int64_t n = UNKNOWN;

	if (kind == 's')
		text = va_arg(*ap, const char *);
	else
		n = va_arg(*ap, int64_t);
	if (n != UNKNOWN)
		buf_printf(&r->out, "%" PRId64, n);
	else if (text == NULL)
		buf_puts(&r->out, r->o->json ? "null" : "-");
	else if (r->o->json)
		json_string(&r->out, text, strlen(text));
	else
		buf_puts(&r->out, text);
}

/*
 * Adds to the output: a fact, or its part of the JSON.  In both texts $s stands
 * for a text and $n for an int64_t, which are a dash or null if they are NULL
 * or UNKNOWN; $[ begins a list, $, stands before each item, and $] ends it. The
 * text that needs fewer values takes the first.
 */
static void
put(struct status_report *r, const char *fact, const char *json, ...)
{
	const char *p = r->o->json ? json : fact;
	va_list ap;

	va_start(ap, json);
	for (; *p != '\0'; p++) {
		if (*p != '$') {
			buf_putc(&r->out, *p);
			continue;
		}
		switch (*++p) {
		case ',':
			buf_puts(&r->out, r->comma ? "," : "");
			r->comma = true;
			break;
		case '[':
			buf_putc(&r->out, '[');
			r->comma = false;
			break;
		case ']':
			buf_puts(&r->out, r->comma ? "\n  ]" : "]");
			break;
		default:
			put_value(r, *p, &ap);
		}
	}
	va_end(ap);
}

/* A text of the database's, made visible, or NULL for "". */
static const char *
shown(char out[SHOWN_SIZE], const char *text)
{
	return *text ? visible(out, SHOWN_SIZE, text, strlen(text)) : NULL;
}

static const char *const coverages[] = {
    [READ_NONE] = "none", [READ_PART] = "part", [READ_WHOLE] = "whole"};

#define DAY_SIZE sizeof "2026-11-23"

/* The date of a day of the report. */
static const char *
date(char out[DAY_SIZE], const struct status_report *r,
    const struct status_day *d)
{
	char time[TIMESTAMP_SIZE];

	timestamp_format((r->first + (d - r->day)) * DAY_MS, time);
	snprintf(out, DAY_SIZE, "%.10s", time);
	return out;
}

/* The verdict, all reasons, and what monitoring plots. */
static void
put_verdict(struct status_report *r)
{
	int64_t parked = status_rows(r, "parked_event");

	put(r, "verdict\t$s\t$n\n",
	    "{\n  \"verdict\": $s,\n  \"status\": $n,\n  \"reasons\": $[",
	    verdicts[r->verdict].word, (int64_t)verdicts[r->verdict].status);
	for (size_t i = 0; i < r->nreasons; i++)
		put(r, "reason\t$s\t$s\t$s\n",
		    "$,\n    {\"verdict\": $s, \"text\": $s, \"next\": $s}",
		    verdicts[r->reason[i].verdict].word, r->reason[i].text,
		    r->reason[i].next);
	put(r, "limits\t$n\t$n\t$n\nperformance\tparked=$n;0", "$],\n",
	    r->o->behind, r->o->stale, RETENTION_MS,
	    parked == UNKNOWN ? 0 : parked);
	if (r->o->json)
		return;
	if (r->age != UNKNOWN)
		buf_printf(&r->out, " age=%.0fs;;%.0f", (double)r->age / 1000,
		    (double)r->o->stale / 1000);
	if (r->tail_age != UNKNOWN)
		buf_printf(&r->out, " tail_age=%.0fs;%.0f",
		    (double)r->tail_age / 1000, (double)r->o->behind / 1000);
	buf_putc(&r->out, '\n');
}

/* The last run of each cursor. */
static void
put_runs(struct status_report *r)
{
	static const char *const states[] = {[RUN_DONE] = "done",
	    [RUN_PARKED] = "parked",
	    [RUN_FAILED] = "failed",
	    [RUN_AT_WORK] = "at work",
	    [RUN_LOST] = "lost"};
	const struct status_run *s = r->run;

	put(r, "", "  \"runs\": $[");
	for (size_t n = r->nruns; n > 0; n--, s++)
		put(r, "run\t$s\t$s\t$n\t$n\t$n\t$s\t$s\t$s\n",
		    "$,\n    {\"cursor\": $s, \"state\": $s, \"began_at\": "
		    "$n,\n"
		    "     \"ended_at\": $n, \"exit_status\": $n, \"reason\": "
		    "$s,\n"
		    "     \"message\": $s, \"next\": $s}",
		    s->name, states[s->state], s->run.began_at, s->run.ended_at,
		    s->run.exit_status, *s->run.reason ? s->run.reason : NULL,
		    *s->message ? s->message : NULL, status_run_next(s));
	put(r, "", "$],\n");
}

static void
put_database(struct status_report *r)
{
	put(r, "now\t$n\n", "  \"now\": $n,\n", r->o->now);
	if (r->ledger)
		put(r, "valid\t$n\n", "  \"valid_until\": $n,\n",
		    status_valid_until(r));
	put(r, "database\t$s\n", "  \"database\": $s,\n",
	    r->o->json ? r->o->field : r->o->shown);
	put(r, r->size >= 0 ? "size\t$n\n" : "", "  \"size\": $n,\n",
	    r->size >= 0 ? r->size : UNKNOWN);
	put(r, r->ledger ? "ledger\t$n\t$n\n" : "",
	    "  \"oldest_event_at\": $n,\n  \"newest_event_at\": $n,\n",
	    r->oldest, r->newest);
	put(r,
	    r->payloads != UNKNOWN || r->facts != UNKNOWN ? "pruned\t$n\t$n\n"
							  : "",
	    "  \"pruned\": {\"payloads_before\": $n, "
	    "\"facts_before\": $n},\n",
	    r->payloads, r->facts);
}

static void
put_scope(struct status_report *r, const struct status_cursor *c)
{
	const struct scope *s = &c->scope;
	const char *state = c->stray ? "stray" : s->known ? "known" : "unknown";
	const char *comma = "";
	char text[SHOWN_SIZE];

	put(r, "scope\t$s\t$s\t$n\t$n\t$n\t$n\t$s\n", "", c->name, state,
	    scope_count(s, SCOPE_COVERED), scope_count(s, SCOPE_REFUSED),
	    scope_count(s, SCOPE_FILLING), scope_since(s),
	    shown(text, s->organization));
	put(r, "",
	    *state == 'k' ? "     \"scope\": {\"known\": true,"
			  : "     \"scope\": {\"known\": false,");
	put(r, "",
	    " \"types\": $n, \"filling\": $n, \"since\": $n,\n"
	    "      \"organization\": $s, \"refused\": [",
	    scope_count(s, SCOPE_COVERED), scope_count(s, SCOPE_FILLING),
	    scope_since(s), shown(text, s->organization));
	for (size_t i = 0; i < s->ntypes; i++) {
		if (s->type[i].state != SCOPE_REFUSED)
			continue;
		put(r, "refused\t$s\t", comma, c->name);
		put(r, "$s\n", "$s", shown(text, s->type[i].name));
		comma = ",";
	}
	put(r, "", "]}}");
}

static void
put_cursors(struct status_report *r)
{
	const struct status_cursor *c = r->cursor;

	put(r, "", "  \"cursors\": $[");
	for (size_t n = r->ncursors; n > 0; n--, c++) {
		put(r, "cursor\t$s\t$s\t$n\t$n\t$n\t$n\t$n\n",
		    "$,\n    {\"name\": $s, \"event_id\": $s,\n"
		    "     \"event_at\": $n, \"moved_at\": $n, "
		    "\"tail_seen_at\": $n,\n"
		    "     \"gap_from\": $n, \"gap_to\": $n,\n",
		    c->name, c->event_id, c->event_at, c->moved_at,
		    c->tail_seen_at, c->gap_from, c->gap_to);
		put(r, "", "     \"age_ms\": $n, \"retention_left_ms\": $n,\n",
		    c->age, c->left);
		put(r, "age\t$s\t$n\t$n\t$n\n", "", c->name, c->age,
		    c->tail_age, c->left);
		put_scope(r, c);
	}
	put(r, "", "$],\n");
}

static int64_t
known(int64_t ms)
{
	return ms < 0 ? UNKNOWN : ms;
}

static void
put_verified_table(struct status_report *r, const struct status_verified *t)
{
	const int64_t *n = t->v.count;

	put(r, "compared\t$s\t$n\t$n\t$n\t$n\t$n\t$n\t$n\t$n\t$n\n",
	    "$,\n    {\"table\": $s, \"at\": $n, \"tried_at\": $n, "
	    "\"lists\": $n, \"same\": $n,\n"
	    "     \"differs\": $n, \"missing_here\": $n, "
	    "\"missing_there\": $n, \"ended\": $n,\n     \"repaired\": $n}",
	    t->table, known(t->v.verified_at), known(t->v.tried_at),
	    n[VERIFIED_LISTS], n[VERIFIED_SAME], n[VERIFIED_DIFFERS],
	    n[VERIFIED_MISSING_HERE], n[VERIFIED_MISSING_THERE],
	    n[VERIFIED_ENDED], t->v.repaired);
}

/* What wos-verify has found: nothing is known of what never was compared. */
static void
put_verified(struct status_report *r)
{
	bool none = r->nverified == 0;

	put(r, r->ledger ? "verified\t$n\t$n\t$n\t$n\t$n\n" : "",
	    "  \"verified\": {\"at\": $n, \"differences\": $n, "
	    "\"repaired\": $n,\n"
	    "   \"not_listed\": $n, \"unfinished_since\": $n, \"tables\": $[",
	    r->all.verified_at, none ? UNKNOWN : r->all.differences,
	    none ? UNKNOWN : r->all.repaired, none ? UNKNOWN : r->unlisted,
	    r->all.tried_at);
	for (size_t i = 0; i < r->nverified; i++)
		put_verified_table(r, &r->verified[i]);
	put(r, "", "$]},\n");
}

static void
put_parked_row(void *arg, const struct value *row, size_t n)
{
	char id[SHOWN_SIZE], event_id[SHOWN_SIZE], reason[SHOWN_SIZE];

	(void)n;
	status_text(id, sizeof id, &row[0]);
	status_text(event_id, sizeof event_id, &row[1]);
	status_text(reason, sizeof reason, &row[3]);
	put(arg, "parked\t$s\t$s\t$n\t$s\n",
	    "$,\n    {\"id\": $s, \"event_id\": $s, \"parked_at\": $n,\n"
	    "     \"reason\": $s}",
	    id, strcmp(event_id, "-") != 0 ? event_id : NULL,
	    status_time(&row[2]), reason);
}

/* The newest. */
static enum db_result
put_parked(struct status_report *r)
{
	static struct query q = {
	    .sql = "SELECT \"id\",\"event_id\",\"parked_at\",\"reason\" FROM "
		   "\"parked_event\" ORDER BY \"parked_at\" DESC,\"id\" "
		   "LIMIT " PARKED_MOST};
	int64_t count = status_rows(r, "parked_event");
	enum db_result rc;

	put(r, "", "  \"parked\": {\"count\": $n, \"newest\": $[",
	    count == UNKNOWN ? 0 : count);
	rc = db_select(r->db, &q, NULL, 0, put_parked_row, r);
	put(r, "", "$]},\n");
	return rc == DB_REFUSED ? DB_OK : rc;
}

static void
put_some_tables(struct status_report *r, bool system)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (size_t i = 0; i < r->ntables; i++)
		if ((t[i].kind == TABLE_SYSTEM) == system &&
		    r->rows[i] != UNKNOWN)
			put(r, "table\t$s\t$n\n", "$,\n    $s: $n", t[i].name,
			    r->rows[i]);
}

/* What WorkOS has first, and then what wos keeps of its own. */
static void
put_tables(struct status_report *r)
{
	put(r, "", "  \"tables\": {");
	r->comma = false;
	put_some_tables(r, false);
	put_some_tables(r, true);
	put(r, "", r->comma ? "\n  },\n" : "},\n");
}

static void
put_types(struct status_report *r)
{
	put(r, "", "  \"types\": $[");
	for (size_t i = 0; i < r->ntypes; i++)
		put(r, "type\t$s\t$n\n",
		    "$,\n    {\"type\": $s, \"events\": $n}", r->type[i].name,
		    r->type[i].events);
	put(r, "", "$],\n");
}

static void
put_periods(struct status_report *r)
{
	const struct status_period *p = r->period;

	put(r, "", "  \"periods\": $[");
	for (size_t i = 0; r->compared && i < NPERIODS; i++, p++)
		for (size_t m = 0; m < NMEASURES; m++)
			put(r, "period\t$n\t$s\t$n\t$n\t$s\n",
			    "$,\n    {\"days\": $n, \"what\": $s, \"now\": $n, "
			    "\"before\": $n, \"read\": $s}",
			    period_days[i], measures[m], p->now[m],
			    p->before[m], coverages[p->read]);
	put(r, "", "$],\n");
}

static void
put_failures(struct status_report *r)
{
	const struct status_failures *f = &r->reasons;

	put(r, "", "  \"failures\": {\"reasons\": $[");
	for (size_t i = 0; i < f->n; i++)
		put(r, "failure\treason\t$n\t$s\n",
		    "$,\n    {\"events\": $n, \"reason\": $s}",
		    f->one[i].events, f->one[i].id);
	put(r, "", "$], \"organizations\": $[");
	f = &r->organizations;
	for (size_t i = 0; i < f->n; i++) {
		const char *id = *f->one[i].id ? f->one[i].id : NULL;
		const char *name = *f->one[i].name ? f->one[i].name : NULL;

		put(r, "failure\torganization\t$n\t$s\t$s\n",
		    "$,\n    {\"events\": $n, \"organization\": $s, "
		    "\"name\": $s}",
		    f->one[i].events, id, name);
	}
	put(r, "", "$]},\n");
}

static void
put_days_json(struct status_report *r)
{
	const struct status_day *d = r->day, *end = d + r->o->days;
	char text[DAY_SIZE];

	put(r, "", "  \"days\": $[");
	for (; d < end; d++) {
		put(r, "", "$,\n    {\"day\": $s, \"read\": $s, \"events\": {",
		    date(text, r, d), coverages[d->read]);
		for (size_t k = 0; k < NFAMILIES; k++)
			put(r, "", k > 0 ? ",$s: $n" : "$s: $n",
			    families[k].name, d->events[k]);
		put(r, "",
		    "},\n     \"signins\": {\"succeeded\": $n, "
		    "\"failed\": $n}, \"users\": $n, \"organizations\": $n,\n"
		    "     \"lag_ms\": {\"median\": $n, \"p95\": $n}}",
		    d->succeeded, d->failed, d->objects[USERS],
		    d->objects[ORGANIZATIONS], d->lag, d->lag95);
	}
	put(r, "", "$]\n}\n");
}

/* Where there is no fact about a day, it was read, and there was nothing. */
static void
put_days(struct status_report *r)
{
	const struct status_day *d, *end = r->day + r->o->days;
	char text[DAY_SIZE];

	for (d = r->day; d < end; d++)
		if (d->read != READ_WHOLE)
			put(r, "unread\t$s\t$s\n", "", date(text, r, d),
			    coverages[d->read]);
	for (d = r->day; d < end; d++)
		for (size_t k = 0; k < NFAMILIES; k++)
			if (d->events[k] != 0)
				put(r, "day\t$s\t$s\t$n\n", "",
				    date(text, r, d), families[k].name,
				    d->events[k]);
	put_types(r);
	put_periods(r);
	put_failures(r);
	for (d = r->day; d < end; d++)
		if (d->succeeded != 0 || d->failed != 0)
			put(r, "signins\t$s\t$n\t$n\n", "", date(text, r, d),
			    d->succeeded, d->failed);
	for (d = r->day; d < end; d++)
		if (d->objects[USERS] != UNKNOWN)
			put(r, "objects\t$s\t$n\t$n\n", "", date(text, r, d),
			    d->objects[USERS], d->objects[ORGANIZATIONS]);
	for (d = r->day; d < end; d++)
		if (d->lag != UNKNOWN)
			put(r, "lag\t$s\t$n\t$n\n", "", date(text, r, d),
			    d->lag, d->lag95);
}

static enum db_result
put_all(struct status_report *r)
{
	char first[DAY_SIZE], last[DAY_SIZE];
	enum db_result rc;

	if (r->ledger)
		put_verdict(r);
	put_runs(r);
	put_database(r);
	put_cursors(r);
	put_verified(r);
	rc = put_parked(r);
	if (rc != DB_OK || !r->ledger)
		return rc;
	if (r->o->days > 0)
		put(r, "window\t$s\t$s\n", "", date(first, r, r->day),
		    date(last, r, r->day + r->o->days - 1));
	put_tables(r);
	put_days(r);
	if (r->o->json)
		put_days_json(r);
	return DB_OK;
}

enum db_result
status_print(struct db *db, const struct options *o)
{
	static struct status_report r; /* still there if the program ends */
	enum db_result rc;

	r.db = db;
	r.o = o;
	rc = status_gather(&r);
	if (rc == DB_OK && r.ledger)
		status_judge(&r);
	if (rc == DB_OK && (r.ledger || !o->json))
		rc = put_all(&r);
	if (rc == DB_OK && r.out.len > 0)
		fwrite(r.out.p, 1, r.out.len, stdout);
	status_release(&r);
	return rc;
}
