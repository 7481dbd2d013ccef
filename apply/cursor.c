/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "cursor.h"
#include "duration.h"
#include "log.h"
#include "memory.h"
#include "notify.h"
#include "stream/report.h"
#include "scope.h"
#include "tail.h"
#include "timestamp.h"

/* A write each time that an idle poll has seen the end would be one in 5 s. */
#define NOTE_EVERY_MS 60000

/* What there is to know of all cursors before the first event. */
struct cursors {
	struct cursor *own;
	bool others; /* there are some of other names */
	bool strays; /* the event of one is not in the database */
};

/* Is that later than now, and than the API's clock has ever said? */
static bool
is_future(const struct value *at, const struct value *tail_seen_at)
{
	int64_t latest = time_now();

	if (tail_seen_at->type == VALUE_INT && tail_seen_at->i > latest)
		latest = tail_seen_at->i;
	return at->i > latest + DAY_MS;
}

/*
 * What it holds, and its time: whoever says that a stream follows, or takes its
 * place, may be wrong.  An event of the future would keep it for ever.
 */
static void
take_held(void *arg, const struct value *row, size_t n)
{
	struct cursors *all = arg;
	struct cursor *c = all->own;

	(void)n;
	all->strays |= row[3].type == VALUE_INT && row[3].i != 0;
	if (row[0].len != strlen(c->name) ||
	    memcmp(row[0].text, c->name, row[0].len) != 0) {
		all->others = true;
		return;
	}
	value_copy(&row[1], c->held, sizeof c->held);
	if (row[2].type == VALUE_INT && c->fill == NULL &&
	    !is_future(&row[2], &row[4]))
		c->floor = row[2].i;
}

/* What the stream says of itself is held against what the cursor stands for. */
static enum db_result
init_scope(struct cursor *c, struct db *db)
{
	struct scope *s = memory_new(1, sizeof *s);
	enum db_result rc = scope_read(db, c->name, s);

	c->scope = s;
	c->scoped = s->known;
	if (c->fill != NULL) {
		c->follows = strcmp(c->fill, s->event_id) == 0;
		c->lost = !c->follows;
		memcpy(c->held, s->fill_event_id, sizeof c->held);
	}
	return rc;
}

enum db_result
cursor_init(struct cursor *c, struct db *db, const struct cursor_options *o)
{
	static struct query q = {
	    .sql = "SELECT \"name\",\"event_id\",\"event_at\","
		   "CASE WHEN " SCOPE_STRAY " THEN 1 ELSE 0 END,"
		   "\"tail_seen_at\" FROM \"sync_cursor\""};
	struct cursors all = {.own = c};
	enum db_result rc;

	*c = (struct cursor){.name = o->name,
	    .report = o->report,
	    .fill = o->fill,
	    .floor = INT64_MIN};
	rc = db_select(db, &q, NULL, 0, take_held, &all);
	if (rc == DB_OK && all.strays && !o->dry)
		rc = scope_distrust(db);
	c->follows = *c->held == '\0' || o->restart ||
		     (o->after != NULL && strcmp(o->after, c->held) == 0);
	c->doubtful = o->report == NULL && *c->held == '\0' && all.others;
	if (rc == DB_OK && o->report != NULL)
		rc = init_scope(c, db);
	return rc;
}

void
cursor_release(struct cursor *c)
{
	if (c->scope != NULL)
		scope_free(c->scope);
	free(c->scope);
	c->scope = NULL;
}

void
cursor_pass(struct cursor *c, const char *event_id, int64_t at)
{
	c->passed = true;
	if (!c->follows && strcmp(event_id, c->held) == 0)
		c->follows = true;
	else if (c->follows && !c->lost && !c->less &&
		 (at == CURSOR_NO_TIME || at >= c->floor)) {
		memcpy(c->last, event_id, strlen(event_id) + 1);
		c->floor = at > c->floor ? at : c->floor;
	}
}

/* The event's time by its ULID, for an event that is parked. */
static struct value
time_of_id(const char *event_id)
{
	int64_t ms;

	if (timestamp_of_ulid(event_id, strlen(event_id), &ms) == 0)
		return value_int(ms);
	return value_text(NULL);
}

/* One line says so, whatever follows. */
static void
say_less(const struct cursor *c, const struct names *missing)
{
	struct buf list = {0};

	names_tell(missing, &list);
	log_field("cursor", c->held);
	log_warnx(
	    "the cursor stays at %s: it stands for more than this run asks "
	    "for%s%s",
	    c->held, missing->n > 0 ? ": " : ": other organizations, too",
	    buf_str(&list));
	buf_free(&list);
}

/* The lines of the report are there before the events that they are about. */
static void
check_scope(struct cursor *c)
{
	struct names missing = {0};

	if (c->report == NULL)
		return;
	report_read(c->report);
	if (c->fill != NULL || c->less)
		return;
	if (!c->scope->known || !c->follows ||
	    c->report->terms.begins == BEGINS_UNKNOWN)
		return;
	c->less = scope_exceeds(c->scope, &c->report->terms, &missing);
	if (c->less && !c->report->logged)
		say_less(c, &missing);
	c->report->logged = c->less;
	names_free(&missing);
}

/* The cursor's first event.  One that is there already is no race lost. */
static enum db_result
save_first(struct cursor *c, struct db *db)
{
	static struct query q = {
	    .sql = "INSERT INTO \"sync_cursor\" "
		   "(\"name\",\"event_id\",\"event_at\",\"moved_at\") "
		   "VALUES ($1,$2,COALESCE((SELECT \"created_at\" FROM "
		   "\"events_cursor\" WHERE \"event_id\"=$3),$4),$5) "
		   "ON CONFLICT (\"name\") DO UPDATE SET "
		   "\"moved_at\"=excluded.\"moved_at\" WHERE "
		   "\"sync_cursor\".\"event_id\"=excluded.\"event_id\""};
	struct value id = value_text(c->last);
	enum db_result rc;

	rc = db_run(db, &q,
	    (struct value[]){value_text(c->name), id, id, time_of_id(c->last),
		value_int(c->saved_at)},
	    5, &c->saved);
	if (rc == DB_OK && c->report != NULL)
		rc = scope_begin(db, c->name, c->last, &c->report->terms);
	return rc;
}

/*
 * Where it is already is no race lost: after a connection was, nobody knows
 * whether the batch had been committed, and it is run again.
 */
static enum db_result
save_onward(struct cursor *c, struct db *db)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"event_id\"=$1,"
		   "\"event_at\"=COALESCE((SELECT \"created_at\" FROM "
		   "\"events_cursor\" WHERE \"event_id\"=$2),$3),"
		   "\"moved_at\"=$4,\"scope_event_id\"="
		   "COALESCE($5,\"scope_event_id\") WHERE \"name\"=$6 AND "
		   "(\"event_id\"=$7 OR \"event_id\"=$8)"};
	struct value id = value_text(c->last);

	return db_run(db, &q,
	    (struct value[]){id, id, time_of_id(c->last),
		value_int(c->saved_at), value_text(c->scoped ? c->last : NULL),
		value_text(c->name), value_text(c->held), id},
	    8, &c->saved);
}

/* How far a back-fill has come, if the cursor is still where that ends. */
static enum db_result
save_fill(struct cursor *c, struct db *db)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"fill_event_id\"=$1 "
		   "WHERE \"name\"=$2 AND \"event_id\"=$3"};
	enum db_result rc = DB_OK;

	if (!c->filling)
		rc = scope_fill(db, c->name, &c->report->terms);
	c->filling = true;
	if (rc != DB_OK)
		return rc;
	return db_run(db, &q,
	    (struct value[]){
		value_text(c->last), value_text(c->name), value_text(c->fill)},
	    3, &c->saved);
}

/* The cursor moves on without these: it stands for them no more. */
static enum db_result
save_refused(struct cursor *c, struct db *db)
{
	size_t n = c->report != NULL ? c->report->terms.refused.n : 0;

	c->refusing = n;
	if (n <= c->refused || (!c->scoped && c->fill == NULL))
		return DB_OK;
	return scope_refuse(db, c->name, &c->report->terms.refused);
}

enum db_result
cursor_save(struct cursor *c, struct db *db)
{
	enum db_result rc;

	check_scope(c);
	if (*c->last == '\0' || c->lost || c->less ||
	    strcmp(c->last, c->held) == 0)
		return DB_OK;
	c->saving = true;
	c->saved = 0;
	c->saved_at = time_now();
	if (c->fill != NULL)
		rc = save_fill(c, db);
	else
		rc = *c->held == '\0' ? save_first(c, db) : save_onward(c, db);
	return rc == DB_OK ? save_refused(c, db) : rc;
}

enum db_result
cursor_has_moved(const struct cursor *c, struct db *db, bool *moved)
{
	static const struct query q = {
	    .sql = "SELECT 1 FROM \"sync_cursor\" WHERE \"name\"=$1 AND "
		   "\"event_id\"=$2 AND \"moved_at\"=$3"};

	*moved = false;
	if (!c->saving || c->fill != NULL)
		return DB_OK;
	return db_any(db, &q,
	    (struct value[]){value_text(c->name), value_text(c->last),
		value_int(c->saved_at)},
	    3, moved);
}

void
cursor_saved(struct cursor *c)
{
	bool first = *c->held == '\0' && c->fill == NULL;

	if (!c->saving)
		return;
	c->saving = false;
	c->lost = c->saved == 0;
	if (c->lost)
		return;
	memcpy(c->held, c->last, sizeof c->held);
	if (first && c->report != NULL)
		c->scoped = true;
	if (c->scoped || c->fill != NULL)
		c->refused = c->refusing;
}

/* Does the report say that all events up to its end are in the database? */
static bool
is_filled(const struct cursor *c, uint64_t events)
{
	const struct terms *t = &c->report->terms;

	return c->fill != NULL && !c->lost && t->ended &&
	       t->end_lines == events;
}

static bool
is_at_tail(const struct cursor *c, uint64_t events)
{
	const struct terms *t = &c->report->terms;

	return c->fill == NULL && c->follows && !c->lost && !c->less &&
	       t->tail && t->tail_lines == events;
}

static enum db_result
note_filled(struct cursor *c, struct db *db)
{
	const struct terms *t = &c->report->terms;
	enum db_result rc = DB_OK;

	if (!c->filling)
		rc = scope_fill(db, c->name, t);
	if (rc == DB_OK)
		rc = scope_filled(db, c->name, c->fill, c->scope, t);
	return rc;
}

/* What there is to note, in a transaction that there is. */
static enum db_result
note(struct cursor *c, struct db *db, uint64_t events)
{
	const struct terms *t = &c->report->terms;
	enum db_result rc = DB_OK;

	if (is_filled(c, events))
		return note_filled(c, db);
	if (c->refused < t->refused.n && c->scoped)
		rc = scope_refuse(db, c->name, &t->refused);
	if (rc == DB_OK && is_at_tail(c, events))
		rc = tail_note(db, c->name, t->tail_at);
	return rc;
}

int64_t
cursor_note_every(void)
{
	const char *text = getenv("WOS_TAIL_EVERY");
	double s = text != NULL ? strtod(text, NULL) : 0;

	return s > 0 && s < 86400 ? (int64_t)(s * 1000) : NOTE_EVERY_MS;
}

enum db_result
cursor_note(struct cursor *c, struct db *db, uint64_t events, bool end)
{
	static int64_t noted_at = INT64_MIN;
	bool at_tail;
	enum db_result rc;

	if (c->report == NULL)
		return DB_OK;
	check_scope(c);
	if (c->report->terms.tail && c->report->terms.tail_lines == events)
		notify_tail(c->report->terms.tail_at);
	at_tail = is_at_tail(c, events);
	if (!end && noted_at != INT64_MIN &&
	    time_ticks() - noted_at < cursor_note_every())
		return DB_OK;
	if (!is_filled(c, events) && !at_tail &&
	    c->refused == c->report->terms.refused.n)
		return DB_OK;
	noted_at = time_ticks();
	rc = db_begin(db);
	if (rc == DB_OK)
		rc = note(c, db, events);
	rc = db_end(db, rc);
	if (rc == DB_OK) {
		c->refused = c->report->terms.refused.n;
		c->report->terms.tail &= !at_tail; /* another may come */
	}
	return rc;
}
