/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "batch.h"
#include "clock.h"
#include "counts.h"
#include "log.h"
#include "notify.h"
#include "park.h"
#include "status.h"
#include "visible.h"

/* A batch is committed at this size whatever --batch says: it is in memory. */
#define BATCH_MAX_BYTES ((size_t)10 * 1024 * 1024)

/* Or at this age, in milliseconds: a transaction keeps other writers out. */
#define BATCH_MAX_MS 1000

/*
 * After so many good groups in a row a careful batch is committed and the next
 * begins without care, which costs a server's answer for each group.
 */
#define CALM_GROUPS 16

/* How often a batch is run again after transient failures. */
#define AGAIN_MOST 5

/* How long to wait before, in milliseconds, the first time; then doubled. */
#define AGAIN_PAUSE_MS 50

static void
batch_complain(const struct apply *a, enum log_level level, const char *what)
{
	log_field("file", a->name);
	log_field_int("line", (int64_t)a->line);
	log_message(level, "%s: line %zu: %s", a->name, a->line, what);
}

/* The same before the end with this status, which is returned. */
static enum course
stop(struct apply *a, int status, const char *what)
{
	a->status = status;
	log_field_int("exit_status", status);
	batch_complain(a, LEVEL_ERROR, what);
	return STOP;
}

enum course
batch_stop(struct apply *a, const char *what)
{
	a->broken = true;
	return stop(a, STATUS_FAILED, what);
}

enum course
batch_give_up(struct apply *a, enum db_result rc)
{
	return stop(a, db_status(rc), a->db->why);
}

enum course
batch_rewind(struct apply *a)
{
	batch_trace_back(&a->trace, BACK_REFUSED);
	db_rollback(a->db);
	a->changed = 0;
	rows_clear(&a->rows);
	a->in_transaction = false;
	a->pos = 0;
	a->line = a->first_line;
	if (a->cursor != NULL)
		*a->cursor = a->first_cursor;
	a->group.open = false;
	return BEGIN_AGAIN;
}

/*
 * A statement was refused.  It is in the open group or, if the database
 * reported late, in an earlier one.  A group with a savepoint is to be parked;
 * for another, the batch is taken back, to be run carefully from it on.
 */
enum course
batch_refuse(struct apply *a, const struct db_place *place, const char *why)
{
	struct group *g = &a->group;

	if (place->group == DB_NOWHERE)
		return batch_give_up(a, DB_REFUSED);
	if (!g->open || !g->careful || place->group != g->start) {
		if (place->group >= a->careful_from) /* it was fine there */
			return batch_give_up(a, DB_REFUSED);
		a->careful_from = place->group;
		return batch_rewind(a);
	}
	if (g->refused)
		return GO_ON; /* the first reason counts */
	g->refused = true;
	g->bad_line = place->line;
	visible(g->why, sizeof g->why, why, strlen(why));
	return GO_ON;
}

/*
 * Takes the batch back, and lets some time go by before it is run again: as
 * far as before, because its commit may have been done without a word of it,
 * and its cursor is known again by being the same.
 */
static enum course
batch_run_again(struct apply *a)
{
	long ms = (long)AGAIN_PAUSE_MS << a->again;
	struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	if (a->again == AGAIN_MOST)
		return batch_give_up(a, DB_BUSY);
	a->again++;
	if (a->again_to < a->pos)
		a->again_to = a->pos;
	batch_complain(a, LEVEL_WARNING, a->db->why);
	batch_trace_back(&a->trace, BACK_AGAIN);
	batch_rewind(a);
	nanosleep(&pause, NULL);
	return BEGIN_AGAIN;
}

/* The group that begins there is parked when the batch comes to it again. */
static enum course
batch_condemn(struct apply *a, size_t start, size_t line)
{
	a->condemned.start = start;
	a->condemned.line = line;
	visible(a->condemned.why, sizeof a->condemned.why, a->db->why,
	    strlen(a->db->why));
	if (a->careful_from > start)
		a->careful_from = start;
	return batch_rewind(a);
}

enum course
batch_handle(struct apply *a, enum db_result rc)
{
	const struct db_place failed = a->db->failed;

	if (rc == DB_REFUSED && a->db->overtime && failed.group != DB_NOWHERE)
		return batch_condemn(a, failed.group, failed.line);
	if (rc == DB_REFUSED)
		return batch_refuse(a, &failed, a->db->why);
	return rc == DB_AGAIN ? batch_run_again(a) : batch_give_up(a, rc);
}

enum course
batch_begin(struct apply *a)
{
	enum db_result rc;

	a->events = a->parked = 0;
	a->rested = false;
	if (a->cursor != NULL)
		a->first_cursor = *a->cursor;
	batch_trace_begin(&a->trace, a->db->ops->system, a->cursor);
	rc = db_begin(a->db);
	a->begun = time_ticks();
	a->in_transaction = rc == DB_OK;
	if (rc == DB_OK && !a->knows_parked) {
		rc = park_any(a->db, &a->any_parked);
		a->knows_parked = rc == DB_OK;
	}
	if (rc == DB_OK)
		rc = forget_begin(&a->forget, a->db);
	return rc == DB_OK ? GO_ON : batch_handle(a, rc);
}

void
batch_publish(const struct apply_totals *t)
{
	counts_set(COUNT_EVENTS_APPLIED, (int64_t)(t->events - t->parked));
	counts_set(COUNT_EVENTS_PARKED, (int64_t)t->parked);
	counts_set(COUNT_ROWS_CHANGED, t->changed);
	notify_applied(t->events - t->parked, t->parked);
}

/* Adds the batch, which is committed, to the totals. */
static void
batch_count(struct apply *a)
{
	struct apply_totals *t = a->totals;

	t->events += a->events;
	t->parked += a->parked;
	t->changed += a->changed;
	t->batches++;
	batch_publish(t);
	a->events = a->parked = 0;
	a->changed = 0;
}

/*
 * The batch was refused, or too large, as a whole.  It is run again in halves,
 * until the group at fault is alone: if it is one's fault.
 */
static enum course
batch_halve(struct apply *a)
{
	a->suspect_to = a->pos;
	a->most = a->events / 2;
	a->again_to = 0;
	return batch_rewind(a);
}

/*
 * The commit itself was refused: a constraint of the database's owner has
 * waited until then, or the database does not say for which statement.  A group
 * that was alone in it is parked.
 */
static enum course
batch_commit_refused(struct apply *a)
{
	if (a->events == 0 || a->condemned.start < a->pos)
		return batch_give_up(a, DB_REFUSED);
	if (a->events > 1)
		return batch_halve(a);
	a->suspect_to = a->pos;
	return batch_condemn(a, a->group.start, 0);
}

/*
 * A commit's answer was lost.  Its cursor tells whether it was done: then it is
 * not to be done again.
 */
static enum db_result
batch_look_up(struct apply *a)
{
	char why[DB_WHY_SIZE];
	bool moved = false;

	memcpy(why, a->db->why, sizeof why);
	if (!a->db->ops->at_once || a->cursor == NULL ||
	    cursor_has_moved(a->cursor, a->db, &moved) != DB_OK || !moved) {
		memcpy(a->db->why, why, sizeof why);
		return DB_AGAIN;
	}
	batch_complain(a, LEVEL_WARNING, why);
	db_rollback(a->db);
	a->cursor->saved = 1;
	return DB_OK;
}

/* The batch is in the database: the next one begins behind it. */
static void
batch_landed(struct apply *a)
{
	a->in_transaction = false;
	if (a->condemned.start < a->pos)
		a->condemned.start = NEVER;
	else if (a->condemned.start != NEVER)
		a->condemned.start -= a->pos;
	a->suspect_to -= a->suspect_to < a->pos ? a->suspect_to : a->pos;
	if (a->most > 1) /* it was in the other half */
		a->most /= 2;
	a->careful_from = a->condemned.start;
	a->calm = a->again = 0;
	a->again_to = 0;
	if (a->cursor != NULL)
		cursor_saved(a->cursor);
	a->changed += event_trace_changed(&a->trace);
	a->changed += rows_land(&a->rows, a->totals->tables);
	batch_trace_commit(
	    &a->trace, a->changed, a->cursor, a->events, a->parked);
	batch_count(a);
	buf_consume(&a->in.buf, a->pos);
	if (a->stop != NEVER)
		a->stop -= a->pos;
	a->pos = 0;
	a->first_line = a->line;
}

enum course
batch_commit(struct apply *a)
{
	enum db_result rc = DB_OK;

	if (!a->in_transaction)
		return GO_ON;
	if (a->events > 0)
		rc = forget_end(&a->forget, a->db);
	if (rc == DB_OK && a->cursor != NULL)
		rc = cursor_save(a->cursor, a->db);
	if (rc != DB_OK)
		return batch_handle(a, rc);
	rc = db_commit(a->db);
	if (rc == DB_AGAIN)
		rc = batch_look_up(a);
	if (rc == DB_AGAIN && a->db->large && a->events > 1)
		return batch_halve(a);
	if (rc == DB_REFUSED && forget_is_late(&a->forget, a->db))
		return batch_run_again(a);
	if (rc == DB_REFUSED && a->db->failed.group == DB_ANYWHERE)
		return batch_commit_refused(a);
	if (rc != DB_OK)
		return batch_handle(a, rc);
	batch_landed(a);
	return GO_ON;
}

bool
batch_is_full(const struct apply *a)
{
	/* Only one is remembered, so it is done before another can be. */
	if (a->condemned.start < a->pos)
		return true;
	if (a->pos < a->again_to)
		return false;
	if (a->group.start < a->suspect_to && a->events >= a->most)
		return true;
	return a->events >= a->batch || a->pos >= BATCH_MAX_BYTES ||
	       a->calm >= CALM_GROUPS || db_is_full(a->db, a->events) ||
	       time_ticks() - a->begun >= BATCH_MAX_MS;
}
