/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "catalogue.h"
#include "clock.h"
#include "duration.h"
#include "envelope.h"
#include "event_id.h"
#include "forgotten.h"
#include "log.h"
#include "prune/kept.h"
#include "prune/prune.h"
#include "status.h"

/* Rows in a transaction: of the ledger some milliseconds' worth. */
#define ROWS_AT_ONCE 500
#define AS_TEXT(n) #n
#define TEXT_OF(n) AS_TEXT(n)

/*
 * What was applied so short ago, in milliseconds, is left for the next time: a
 * row may have come from it after the tables were looked at, and the clocks of
 * two machines may differ.
 */
#define SETTLED_MS (INT64_C(3600) * 1000)

/* Between two transactions others have their turn, in milliseconds at least. */
#define PAUSE_MS 1

struct prune {
	struct db *db;
	int64_t payloads, facts, settled; /* of before these times */
	struct kept kept;
	struct buf last; /* the id of the last event that was looked at */
	struct buf ids;  /* of those to be pruned: each id and its payload, */
	size_t ntodo, seen; /* with a NUL behind both */
	int64_t npayloads, nfacts;
};

/*
 * Does the event have a fact that is there?  And may it have a payload that
 * only a newer version understands?
 */
static bool
is_wanted(const struct prune *p, const struct value *type, int64_t at)
{
	char name[EVENT_ID_MAX + 1];
	const struct event_type *t;

	value_copy(type, name, sizeof name);
	t = catalogue_event_type(name);
	if (t == NULL)
		return true;
	for (size_t i = 0; i < t->neffects; i++)
		if (t->effect[i].kind == EFFECT_INSERT && at >= p->facts)
			return true;
	return false;
}

/* A row of the ledger: event_id, event_type, created_at, processed_at, length.
 */
static void
take_event(void *arg, const struct value *row, size_t n)
{
	struct prune *p = arg;
	size_t before = p->ids.len, begin;

	(void)n;
	p->seen++;
	buf_clear(&p->last);
	buf_add(&p->last, row[0].text, row[0].len);
	if (row[3].i >= p->settled || is_wanted(p, &row[1], row[2].i) ||
	    kept_has(&p->kept, row[0].text, row[0].len, row[2].i))
		return;
	buf_add(&p->ids, row[0].text, row[0].len);
	buf_putc(&p->ids, '\0');
	begin = p->ids.len;
	envelope_add(&p->ids, (struct jsonspan){row[0].text, row[0].len},
	    (struct jsonspan){row[1].text, row[1].len}, row[2].i);
	if ((int64_t)(p->ids.len - begin) == row[4].i) {
		p->ids.len = before; /* it is pruned already */
		return;
	}
	buf_putc(&p->ids, '\0');
	p->ntodo++;
}

/* After a transaction: as long as it took, others have their turn. */
static void
give_way(int64_t began)
{
	int64_t ms = time_ticks() - began;

	if (ms < PAUSE_MS)
		ms = PAUSE_MS;
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static enum db_result
prune_some(struct prune *p)
{
	static const struct query q = {
	    .sql = "UPDATE \"events_cursor\" SET \"event_payload\"=$1 WHERE "
		   "\"event_id\"=$2"};
	int64_t began = time_ticks();
	enum db_result rc = db_begin(p->db);
	const char *id = p->ids.p;
	struct value value[2];

	for (size_t i = 0; rc == DB_OK && i < p->ntodo; i++) {
		value[1] = value_text(id);
		id += strlen(id) + 1;
		value[0] = value_text(id);
		id += strlen(id) + 1;
		rc = db_run(p->db, &q, value, 2, &p->npayloads);
	}
	rc = db_end(p->db, rc);
	give_way(began);
	return rc;
}

/* The next few events, in the order of their ids. */
static enum db_result
ask_some(struct prune *p)
{
	static const struct query q = {.whole = true,
	    .sql = "SELECT \"event_id\",\"event_type\",\"created_at\","
		   "\"processed_at\",LENGTH(\"event_payload\") FROM "
		   "\"events_cursor\" WHERE \"event_id\">$1 AND "
		   "\"created_at\"<$2 ORDER BY \"event_id\" "
		   "LIMIT " TEXT_OF(ROWS_AT_ONCE)};
	struct value value[2] = {value_bytes(buf_str(&p->last), p->last.len),
	    value_int(p->payloads)};

	p->seen = p->ntodo = 0;
	buf_clear(&p->ids);
	return db_select(p->db, &q, value, 2, take_event, p);
}

static enum db_result
prune_payloads(struct prune *p)
{
	enum db_result rc = kept_read(&p->kept, p->db, p->payloads);

	do {
		if (rc == DB_OK)
			rc = ask_some(p);
		if (rc == DB_OK && p->ntodo > 0)
			rc = prune_some(p);
	} while (rc == DB_OK && p->seen == ROWS_AT_ONCE);
	return rc;
}

static enum db_result
prune_table(struct prune *p, const struct table *t)
{
	struct value value = value_int(p->facts);
	struct buf sql = {0};
	struct query q = {.whole = true};
	enum db_result rc = DB_OK;
	int64_t changed, began;

	buf_printf(&sql,
	    "DELETE FROM \"%s\" WHERE \"event_id\" IN (SELECT \"event_id\" "
	    "FROM \"%s\" WHERE \"event_at\"<$1 LIMIT %d)",
	    t->name, t->name, ROWS_AT_ONCE);
	q.sql = buf_str(&sql);
	do {
		changed = 0;
		began = time_ticks();
		rc = db_begin(p->db);
		if (rc == DB_OK)
			rc = db_run(p->db, &q, &value, 1, &changed);
		rc = db_end(p->db, rc);
		p->nfacts += rc == DB_OK ? changed : 0;
		give_way(began);
	} while (rc == DB_OK && changed > 0);
	db_forget(p->db, &q);
	buf_free(&sql);
	return rc;
}

static enum db_result
prune_facts(struct prune *p)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		if (t->kind == TABLE_FACT)
			rc = prune_table(p, t);
	return rc;
}

/*
 * From now on no stream brings the facts back.  What was pruned by an earlier
 * run stays so, if this one is to go less far.
 */
static enum db_result
note(struct prune *p)
{
	struct forgotten f = {0};
	enum db_result rc = db_begin(p->db);

	if (rc == DB_OK)
		rc = forgotten_read(&f, p->db);
	if (rc == DB_OK)
		rc = forgotten_note(p->db, "payloads", p->payloads);
	if (rc == DB_OK && p->facts != NEVER_FORGOTTEN)
		rc = forgotten_note(p->db, "facts", p->facts);
	if (f.facts > p->facts)
		p->facts = f.facts;
	forgotten_release(&f);
	return db_end(p->db, rc);
}

int
prune_run(struct db *db, const struct options *o)
{
	struct prune p = {
	    .db = db, .facts = NEVER_FORGOTTEN, .settled = o->now - SETTLED_MS};
	int64_t age;
	enum db_result rc;

	if (duration_read(o->argument, &age) == -1)
		log_errx(STATUS_USAGE,
		    "--prune: %s: not a span of time, such as 90d",
		    o->argument);
	p.payloads = o->now - age;
	if (o->facts >= 0)
		p.facts = o->now - o->facts;
	rc = note(&p);
	if (rc == DB_OK && p.facts != NEVER_FORGOTTEN)
		rc = prune_facts(&p);
	if (rc == DB_OK)
		rc = prune_payloads(&p);
	kept_release(&p.kept);
	buf_free(&p.last);
	buf_free(&p.ids);
	if (o->verbose)
		log_info("pruned %" PRId64 " payloads and %" PRId64 " facts",
		    p.npayloads, p.nfacts);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	return STATUS_DONE;
}
