/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "forgotten.h"
#include "memory.h"
#include "size.h"
#include "status.h"
#include "status_parts.h"
#include "timestamp.h"
#include "visible.h"

void
status_text(char *out, size_t size, const struct value *v)
{
	if (v->type == VALUE_TEXT)
		visible(out, size, v->text, v->len);
	else if (v->type == VALUE_NULL)
		snprintf(out, size, "-");
	else
		snprintf(out, size, "%" PRId64, v->i);
}

static int64_t
number(const struct value *v)
{
	return v->type == VALUE_INT ? v->i : UNKNOWN;
}

int64_t
status_time(const struct value *v)
{
	int64_t ms = number(v);

	return ms < 0 ? UNKNOWN : ms;
}

/* How long ago that was; what lies in the future, is now. */
static int64_t
age_of(const struct status_report *r, int64_t at)
{
	if (at == UNKNOWN)
		return UNKNOWN;
	return at > r->o->now ? 0 : r->o->now - at;
}

/*
 * An account where nothing happens does not age: its end is seen all the same.
 * An event's time is in its id, too.
 */
static void
take_cursor(void *arg, const struct value *row, size_t n)
{
	struct status_report *r = arg;
	struct status_cursor *c;
	int64_t ms;

	(void)n;
	r->cursor = memory_more(r->cursor, r->ncursors + 1, sizeof *c);
	c = &r->cursor[r->ncursors++];
	*c = (struct status_cursor){.event_at = status_time(&row[2]),
	    .moved_at = status_time(&row[3]),
	    .tail_seen_at = status_time(&row[4]),
	    .gap_from = status_time(&row[5]),
	    .gap_to = status_time(&row[6])};
	/* One without an extent is one that somebody has dealt with. */
	c->gap = c->gap_from != UNKNOWN && c->gap_to > c->gap_from;
	status_text(c->name, sizeof c->name, &row[0]);
	status_text(c->event_id, sizeof c->event_id, &row[1]);
	value_copy(&row[0], c->key, sizeof c->key);
	if (row[2].type == VALUE_NULL && row[1].type == VALUE_TEXT &&
	    timestamp_of_ulid(row[1].text, row[1].len, &ms) == 0)
		c->event_at = ms;
	c->tail_age = age_of(r, c->tail_seen_at);
	c->age = c->tail_seen_at > c->event_at ? c->tail_age
					       : age_of(r, c->event_at);
	c->left = c->age == UNKNOWN       ? UNKNOWN
		  : c->age < RETENTION_MS ? RETENTION_MS - c->age
					  : 0;
	r->age = c->age > r->age ? c->age : r->age;
	r->tail_age = c->tail_age > r->tail_age ? c->tail_age : r->tail_age;
}

/* An older schema, or the replaced system's: there is only the id. */
static enum db_result
gather_old_cursor(struct status_report *r)
{
	struct value row[7] = {{0}};
	char held[EVENT_ID_MAX + 1];
	enum db_result rc = cursor_find(r->db, r->o->cursor, held);

	if (rc != DB_OK || *held == '\0')
		return rc;
	row[0] = value_text(r->o->cursor);
	row[1] = value_text(held);
	take_cursor(r, row, 7);
	return DB_OK;
}

static enum db_result
gather_cursors(struct status_report *r)
{
	static struct query q = {
	    .sql = "SELECT \"name\",\"event_id\",\"event_at\",\"moved_at\","
		   "\"tail_seen_at\",\"gap_from\",\"gap_to\" "
		   "FROM \"sync_cursor\" WHERE $1='' OR \"name\"=$2 "
		   "ORDER BY \"name\""};
	struct value only = value_text(r->o->only ? r->o->only : "");
	enum db_result rc = db_select(
	    r->db, &q, (struct value[]){only, only}, 2, take_cursor, r);

	if (rc == DB_REFUSED)
		rc = r->ledger ? gather_old_cursor(r) : DB_OK;
	for (size_t i = 0; rc == DB_OK && i < r->ncursors; i++) {
		struct status_cursor *c = &r->cursor[i];

		rc = scope_read(r->db, c->key, &c->scope);
		if (rc == DB_OK)
			rc = scope_is_stray(r->db, &c->scope, &c->stray);
	}
	return rc;
}

static void
take_run(void *arg, const struct value *name, const struct run *run)
{
	struct status_report *r = arg;
	struct status_run *s;

	r->run = memory_more(r->run, r->nruns + 1, sizeof *s);
	s = &r->run[r->nruns++];
	*s = (struct status_run){.run = *run};
	status_text(s->name, sizeof s->name, name);
	value_copy(name, s->key, sizeof s->key);
	visible(
	    s->message, sizeof s->message, run->message, strlen(run->message));
}

static int64_t
later(const struct status_report *r, int64_t at, int64_t than)
{
	return at > than && at <= r->o->now + SKEW_MS ? at : than;
}

/*
 * When there was the last sign that the run is at work.  A time that has not
 * come yet is none: it would be one for years.
 */
static int64_t
sign_of(const struct status_report *r, const struct status_run *s)
{
	int64_t at = later(r, s->run.began_at, UNKNOWN);

	for (size_t i = 0; i < r->ncursors; i++) {
		const struct status_cursor *c = &r->cursor[i];

		if (strcmp(c->key, s->key) != 0)
			continue;
		at = later(r, c->moved_at, at);
		at = later(r, c->tail_seen_at, at);
	}
	return at;
}

static enum run_state
state_of(const struct status_report *r, const struct status_run *s)
{
	int64_t at = sign_of(r, s);

	if (s->run.ended_at == UNKNOWN)
		return at != UNKNOWN && age_of(r, at) <= r->o->behind
			   ? RUN_AT_WORK
			   : RUN_LOST;
	return s->run.exit_status == STATUS_DONE     ? RUN_DONE
	       : s->run.exit_status == STATUS_PARKED ? RUN_PARKED
						     : RUN_FAILED;
}

static enum db_result
gather_runs(struct status_report *r)
{
	enum db_result rc = run_read(r->db, r->o->only, take_run, r);

	for (size_t i = 0; i < r->nruns; i++)
		r->run[i].state = state_of(r, &r->run[i]);
	return rc;
}

static void
take_count(void *arg, const struct value *row, size_t n)
{
	(void)n;
	*(int64_t *)arg = row[0].i;
}

/* Where there is no such table, nothing is known. */
static enum db_result
count_rows(struct status_report *r, const char *table, int64_t *rows)
{
	char sql[128];
	struct query q = {.sql = sql, .whole = true};
	enum db_result rc;

	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM \"%s\"", table);
	rc = db_select(r->db, &q, NULL, 0, take_count, rows);
	db_forget(r->db, &q);
	return rc == DB_REFUSED ? DB_OK : rc;
}

static void
take_counts(void *arg, const struct value *row, size_t n)
{
	int64_t *rows = arg;

	for (size_t i = 0; i < n; i++)
		rows[i] = row[i].i;
}

/* Of some tables by one question: each may be a request to somewhere far. */
static enum db_result
count_some(
    struct status_report *r, const struct table *t, size_t n, int64_t *rows)
{
	struct buf sql = {0};
	struct query q = {.whole = true};
	enum db_result rc;

	for (size_t i = 0; i < n; i++)
		buf_printf(&sql, "%s(SELECT COUNT(*) FROM \"%s\")",
		    i == 0 ? "SELECT " : ",", t[i].name);
	q.sql = buf_str(&sql);
	rc = db_select(r->db, &q, NULL, 0, take_counts, rows);
	db_forget(r->db, &q);
	buf_free(&sql);
	if (rc != DB_REFUSED)
		return rc;
	rc = DB_OK; /* an older schema lacks one of them */
	for (size_t i = 0; rc == DB_OK && i < n; i++)
		rc = count_rows(r, t[i].name, &rows[i]);
	return rc;
}

/* Of all tables; where no events are looked at, of parked ones alone. */
static enum db_result
gather_tables(struct status_report *r)
{
	const struct table *t = catalogue_tables(&r->ntables);
	size_t parked = (size_t)(catalogue_table("parked_event") - t), n;
	enum db_result rc = DB_OK;

	r->rows = memory_new(r->ntables, sizeof *r->rows);
	for (size_t i = 0; i < r->ntables; i++)
		r->rows[i] = UNKNOWN;
	if (r->o->days == 0)
		return count_rows(r, t[parked].name, &r->rows[parked]);
	for (size_t i = 0; rc == DB_OK && i < r->ntables; i += n) {
		n = r->ntables - i;
		n = n < DB_MAX_COLUMNS ? n : DB_MAX_COLUMNS;
		rc = count_some(r, &t[i], n, &r->rows[i]);
	}
	return rc;
}

int64_t
status_rows(const struct status_report *r, const char *table)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (size_t i = 0; i < r->ntables; i++)
		if (strcmp(t[i].name, table) == 0)
			return r->rows[i];
	return UNKNOWN;
}

static void
take_ledger(void *arg, const struct value *row, size_t n)
{
	struct status_report *r = arg;

	(void)n;
	r->ledger = true;
	r->oldest = number(&row[0]);
	r->newest = number(&row[1]);
}

/* The times of its oldest and its newest event, by the index that it has. */
static enum db_result
gather_ledger(struct status_report *r)
{
	static struct query q = {
	    .sql = "SELECT (SELECT MIN(\"created_at\") FROM \"events_cursor\"),"
		   "(SELECT MAX(\"created_at\") FROM \"events_cursor\")"};
	enum db_result rc = db_select(r->db, &q, NULL, 0, take_ledger, r);

	return rc == DB_REFUSED ? DB_OK : rc;
}

/* What was pruned, if anything ever was; an older schema does not know. */
static enum db_result
gather_pruned(struct status_report *r)
{
	struct forgotten f = {0};
	enum db_result rc = forgotten_look(&f, r->db);

	if (rc == DB_OK && f.payloads != NEVER_FORGOTTEN)
		r->payloads = f.payloads;
	if (rc == DB_OK && f.facts != NEVER_FORGOTTEN)
		r->facts = f.facts;
	forgotten_release(&f);
	return rc == DB_REFUSED ? DB_OK : rc;
}

static void
take_verified(void *arg, const char *table, const struct verified *v)
{
	struct status_report *r = arg;
	struct status_verified *new;
	bool whole = v->verified_at == v->tried_at;

	r->verified =
	    memory_more(r->verified, r->nverified + 1, sizeof *r->verified);
	new = &r->verified[r->nverified++];
	visible(new->table, sizeof new->table, table, strlen(table));
	new->v = *v;
	r->all.differences += v->differences;
	r->all.repaired += v->repaired;
	r->unlisted += verified_is_unlisted(v);
	if (!whole && v->tried_at > r->all.tried_at)
		r->all.tried_at = v->tried_at;
}

/* When all tables that are compared usually had been, or -1. */
static int64_t
find_verified_at(const struct status_report *r)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	int64_t at = INT64_MAX, of;

	for (; n > 0; n--, t++) {
		if (!verified_is_usual(t->name))
			continue;
		of = -1;
		for (size_t i = 0; i < r->nverified; i++)
			if (strcmp(r->verified[i].table, t->name) == 0)
				of = r->verified[i].v.verified_at;
		at = of < at ? of : at;
	}
	return at;
}

/*
 * Of all tables together: since when each of them has been compared, the sums,
 * and when a run began that has not come to its end; both times may be UNKNOWN.
 */
static enum db_result
gather_verified(struct status_report *r)
{
	enum db_result rc = verified_read(r->db, take_verified, r);
	int64_t at = find_verified_at(r);

	r->all.verified_at = at != -1 ? at : UNKNOWN;
	return rc;
}

enum db_result
status_gather(struct status_report *r)
{
	enum db_result rc;

	r->oldest = r->newest = r->age = r->tail_age = r->read_from = UNKNOWN;
	r->all.tried_at = r->all.verified_at = UNKNOWN;
	r->payloads = r->facts = UNKNOWN;
	r->last = r->o->now / DAY_MS;
	r->first = r->last - (int64_t)r->o->days + 1;
	if ((rc = size_find(r->db, r->o->database, &r->size)) != DB_OK ||
	    (rc = gather_ledger(r)) != DB_OK ||
	    (rc = gather_cursors(r)) != DB_OK || !r->ledger ||
	    (rc = gather_runs(r)) != DB_OK ||
	    (rc = gather_verified(r)) != DB_OK ||
	    (rc = gather_tables(r)) != DB_OK || r->o->days == 0 ||
	    (rc = gather_pruned(r)) != DB_OK)
		return rc;
	return status_gather_days(r);
}

void
status_release(struct status_report *r)
{
	for (size_t i = 0; i < r->ncursors; i++)
		scope_free(&r->cursor[i].scope);
	free(r->cursor);
	free(r->run);
	free(r->reason);
	free(r->verified);
	free(r->rows);
	buf_free(&r->out);
}
