/*
 * A batch of events is run as it is read, in one transaction.  Its text stays
 * in the input's buffer until it is committed: when one of its statements is
 * refused, all of it is taken back and run again, carefully from the group at
 * fault on: with a savepoint around each group, so that it alone is left out
 * and parked.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apply.h"
#include "batch_trace.h"
#include "counts.h"
#include "input.h"
#include "log.h"
#include "parked.h"
#include "pipe.h"
#include "shape.h"
#include "statement.h"
#include "status.h"
#include "visible.h"

/* A batch is committed at this size whatever --batch says: it is in memory. */
#define BATCH_MAX_BYTES ((size_t)4 * 1024 * 1024)

/* Or at this age, in milliseconds: a transaction keeps other writers out. */
#define BATCH_MAX_MS 1000

/* Or when the input has been quiet for so long, in milliseconds. */
#define QUIET_MS 100

/*
 * The longest group, in bytes.  wos-decode takes lines of 2 MiB, and writes
 * each byte at most four times: as it is and in a column, quotes doubled.
 */
#define GROUP_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* The most of a refused statement's reason that is kept, in bytes. */
#define REASON_SIZE 512

/*
 * After so many good groups in a row a careful batch is committed and the next
 * begins without care, which costs a server's answer for each group.
 */
#define CALM_GROUPS 16

/* How often a batch is run again that failed by nobody's fault. */
#define AGAIN_MOST 5

/* How long to wait before, in milliseconds, the first time; then doubled. */
#define AGAIN_PAUSE_MS 50

/* The place of what belongs to no group, and an offset that never comes. */
#define NOWHERE ((size_t)-1)

struct group {
	bool open;
	bool careful; /* it has a savepoint */
	bool refused; /* only of a careful one; the reason is in why */
	bool parks;   /* it is wos-decode that parks something */
	char name[EVENT_ID_MAX + 1];
	size_t begin; /* offset in the buffer */
	size_t start; /* and of its SAVEPOINT, after white space */
	size_t first_line;
	struct buf line; /* its event's line, where it will be asked for */
	size_t bad_line;
	char why[REASON_SIZE]; /* without a line: the table keeps it */
};

struct apply {
	struct db *db;
	const char *name; /* of the stream */
	size_t batch;     /* events in one */
	struct cursor *cursor;
	struct apply_totals *totals;
	struct input in;
	struct statement statement;
	struct shape *shape; /* of the statement; NULL: not known yet */
	size_t pos;          /* what of the buffer has been run */
	size_t line;         /* the number of the line there */
	bool broken;         /* is the stream itself at fault? */
	bool any_parked;     /* may parked_event have rows? */
	/* The batch: the buffer's beginning. */
	bool in_transaction;
	size_t careful_from; /* the offset; NOWHERE: not careful */
	size_t calm;         /* good groups since the last refusal */
	size_t single_to;    /* the offset: a commit for each group before */
	bool condemned;      /* is this group parked, whatever it says? */
	size_t stop;         /* the offset to run to */
	unsigned again;      /* runs of it that failed by nobody's fault */
	size_t again_to;     /* the offset to which they had come */
	size_t events, parked;
	size_t first_line; /* of the buffer */
	struct cursor first_cursor;
	struct timespec begun;
	struct batch_trace trace;
	struct group group;
};

static void
complain(const struct apply *a, enum log_level level, const char *what)
{
	log_field("file", a->name);
	log_field_int("line", (int64_t)a->line);
	log_message(level, "%s: line %zu: %s", a->name, a->line, what);
}

/* The same before the end with this status, which is returned. */
static int
complain_last(const struct apply *a, int status, const char *what)
{
	log_field_int("exit_status", status);
	complain(a, LEVEL_ERROR, what);
	return status;
}

/* The stream can't be followed from here on. */
static int
stop(struct apply *a, const char *what)
{
	a->broken = true;
	return complain_last(a, STATUS_FAILED, what);
}

/* The database won't go on. */
static int
give_up(const struct apply *a, enum db_result rc)
{
	return complain_last(a,
	    rc == DB_BUSY || rc == DB_AGAIN ? STATUS_RETRY : STATUS_FAILED,
	    a->db->why);
}

static bool
is_event_id(const char *name)
{
	return strncmp(name, "parked:", 7) != 0;
}

/* Takes the batch back, to be run again. */
static void
batch_rewind(struct apply *a)
{
	batch_trace_back(&a->trace, BACK_REFUSED);
	db_rollback(a->db);
	a->in_transaction = false;
	a->pos = 0;
	a->line = a->first_line;
	if (a->cursor != NULL)
		*a->cursor = a->first_cursor;
	a->group.open = false;
}

/*
 * A statement can't be, in the group that is open or, if the database was
 * late to say so, in one before it.  A group with a savepoint is to be parked;
 * for another, the batch is taken back, to be run carefully from it on.
 */
static int
refuse(struct apply *a, const struct db_place *place, const char *why)
{
	struct group *g = &a->group;

	if (place->group == NOWHERE)
		return give_up(a, DB_REFUSED);
	if (!g->open || !g->careful || place->group != g->start) {
		if (place->group >= a->careful_from)
			return give_up(a, DB_REFUSED); /* it was fine there */
		a->careful_from = place->group;
		batch_rewind(a);
		return 0;
	}
	if (g->refused)
		return 0; /* the first reason counts */
	g->refused = true;
	g->bad_line = place->line;
	visible(g->why, sizeof g->why, why, strlen(why));
	return 0;
}

/*
 * Takes the batch back, and lets some time go by before it is run again: as
 * far as before, because its commit may have been done without a word of it,
 * and its cursor is known again by being the same.
 */
static int
run_again(struct apply *a)
{
	long ms = (long)AGAIN_PAUSE_MS << a->again;
	struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	if (a->again == AGAIN_MOST)
		return give_up(a, DB_BUSY);
	a->again++;
	if (a->again_to < a->pos)
		a->again_to = a->pos;
	complain(a, LEVEL_WARNING, a->db->why);
	batch_trace_back(&a->trace, BACK_AGAIN);
	batch_rewind(a);
	nanosleep(&pause, NULL);
	return 0;
}

/*
 * What to do about a result other than DB_OK.  Returns 0 to go on: with the
 * group, which is to be parked now, or, without a transaction, with the batch
 * from its start.
 */
static int
handle(struct apply *a, enum db_result rc)
{
	if (rc == DB_REFUSED)
		return refuse(a, &a->db->failed, a->db->why);
	return rc == DB_AGAIN ? run_again(a) : give_up(a, rc);
}

static int
batch_begin(struct apply *a)
{
	enum db_result rc;

	a->events = a->parked = 0;
	if (a->cursor != NULL)
		a->first_cursor = *a->cursor;
	batch_trace_begin(&a->trace, a->db, a->cursor);
	rc = db_begin(a->db);
	clock_gettime(CLOCK_MONOTONIC, &a->begun);
	a->in_transaction = rc == DB_OK;
	return rc == DB_OK ? 0 : handle(a, rc);
}

/* Adds the batch, which is committed, to the totals. */
static void
batch_count(struct apply *a)
{
	struct apply_totals *t = a->totals;

	t->events += a->events;
	t->parked += a->parked;
	t->batches++;
	counts_set(COUNT_EVENTS_APPLIED, (int64_t)(t->events - t->parked));
	counts_set(COUNT_EVENTS_PARKED, (int64_t)t->parked);
	counts_set(COUNT_ROWS_CHANGED, a->db->changed);
	a->events = a->parked = 0;
}

/*
 * The commit itself was refused: a constraint of the database's owner has
 * waited until then.  The batch is run again with a commit for each group; one
 * that was alone in it is parked.
 */
static int
batch_refused(struct apply *a)
{
	struct group *g = &a->group;

	if (a->events == 0 || a->condemned)
		return give_up(a, DB_REFUSED);
	if (a->events == 1) {
		a->condemned = true;
		a->careful_from = 0;
		visible(g->why, sizeof g->why, a->db->why, strlen(a->db->why));
	}
	a->single_to = a->pos;
	batch_rewind(a);
	return 0;
}

/*
 * Commits the batch, which is to have no group open.  It may come to nothing,
 * with the batch to be run again from its start.
 */
static int
batch_commit(struct apply *a)
{
	enum db_result rc = DB_OK;

	if (!a->in_transaction)
		return 0;
	a->db->here.group = NOWHERE;
	if (a->cursor != NULL)
		rc = cursor_save(a->cursor, a->db);
	if (rc != DB_OK)
		return handle(a, rc);
	rc = db_commit(a->db);
	if (rc == DB_REFUSED && a->db->failed.group == NOWHERE)
		return batch_refused(a);
	if (rc != DB_OK)
		return handle(a, rc);
	a->in_transaction = a->condemned = false;
	a->single_to -= a->single_to < a->pos ? a->single_to : a->pos;
	a->careful_from = NOWHERE;
	a->calm = a->again = 0;
	a->again_to = 0;
	batch_trace_commit(&a->trace, a->db, a->cursor, a->events, a->parked);
	batch_count(a);
	buf_consume(&a->in.buf, a->pos);
	if (a->stop != NOWHERE)
		a->stop -= a->pos;
	a->pos = 0;
	a->first_line = a->line;
	return 0;
}

static long
batch_age(const struct apply *a)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - a->begun.tv_sec) * 1000 +
	       (now.tv_nsec - a->begun.tv_nsec) / 1000000;
}

static bool
batch_is_full(const struct apply *a)
{
	if (a->pos < a->again_to)
		return false;
	return a->group.start < a->single_to || a->events >= a->batch ||
	       a->pos >= BATCH_MAX_BYTES || a->calm >= CALM_GROUPS ||
	       batch_age(a) >= BATCH_MAX_MS;
}

/* The statement at hand, of the group that is open, can't be. */
static int
group_refuse(struct apply *a, const char *why)
{
	return refuse(a, &a->db->here, why);
}

/*
 * The name of SAVEPOINT "name" or RELEASE "name", without its quotes; one
 * with a quote or anything but printable ASCII in it is no event's.
 */
static bool
name_of(const struct statement *s, const char *word, char *name)
{
	size_t skip = strlen(word), len = s->shape.len;
	const char *p = s->shape.p;

	if (s->why != NULL || s->nvalues > 0 || len < skip + 4 ||
	    len - skip - 3 > EVENT_ID_MAX || memcmp(p, word, skip) != 0 ||
	    p[skip] != ' ' || p[skip + 1] != '"' || p[len - 1] != '"')
		return false;
	for (size_t i = skip + 2; i < len - 1; i++)
		if (p[i] <= ' ' || p[i] > '~' || p[i] == '"')
			return false;
	memcpy(name, p + skip + 2, len - skip - 3);
	name[len - skip - 3] = '\0';
	return true;
}

static int
group_begin(struct apply *a, const char *name, size_t start)
{
	struct group *g = &a->group;
	enum db_result rc = DB_OK;
	int status;

	if (g->open)
		return stop(a, "a SAVEPOINT inside another");
	if (!a->in_transaction &&
	    ((status = batch_begin(a)) != 0 || !a->in_transaction))
		return status;
	g->careful = start >= a->careful_from;
	if (start == a->careful_from) /* what has no savepoint comes first */
		rc = db_sync(a->db);
	if (rc == DB_OK && g->careful)
		rc = db_mark(a->db);
	if (rc != DB_OK)
		return handle(a, rc);
	g->open = true;
	g->refused = a->condemned;
	g->parks = false;
	g->begin = a->pos;
	g->start = start;
	g->first_line = g->bad_line = a->line;
	memcpy(g->name, name, sizeof g->name);
	buf_clear(&g->line);
	if (trace_events_on)
		event_trace_begin(&a->trace, a->db, name);
	return 0;
}

static struct value
group_sql(const struct apply *a, size_t end)
{
	size_t start = a->group.start;

	return value_bytes(a->in.buf.p + start, end - start);
}

/* What the group is parked by: its event's line, or all of its SQL. */
static struct value
group_text(const struct apply *a, size_t end)
{
	const struct buf *line = &a->group.line;

	return line->len > 0 ? value_bytes(line->p, line->len)
			     : group_sql(a, end);
}

/* The group is applied now: by whichever text, it is parked no more. */
static enum db_result
group_resolve(struct apply *a, size_t end)
{
	enum db_result rc = parked_resolve(a->db, group_text(a, end));

	if (rc == DB_OK && a->group.line.len > 0)
		rc = parked_resolve(a->db, group_sql(a, end));
	return rc;
}

/*
 * Says that the group is parked, once, however often its batch is run; and
 * after many, only counts it.
 */
static void
group_tell(const struct apply *a)
{
	const struct group *g = &a->group;
	struct apply_totals *t = a->totals;
	size_t number = t->events + a->events;

	if (number < t->told_to)
		return;
	t->told_to = number + 1;
	if (t->told == LOG_PARKED_MOST) {
		t->untold++;
		return;
	}
	t->told++;
	log_field("file", a->name);
	log_field_int("line", (int64_t)g->bad_line);
	log_field("event_id", is_event_id(g->name) ? g->name : NULL);
	log_warnx("%s: %s: line %zu: %s: parked", a->name, g->name, g->bad_line,
	    g->why);
}

void
apply_tell_rest(const struct apply_totals *t)
{
	if (t->untold == 0)
		return;
	log_field_int("parked", (int64_t)t->parked);
	log_warnx("%zu more events were parked", t->untold);
}

/* Parks the group, which has been taken back. */
static enum db_result
group_park(struct apply *a, size_t end)
{
	const struct group *g = &a->group;
	const char *kind = g->line.len > 0 ? "line" : "group";
	enum db_result rc;

	group_tell(a);
	a->any_parked = true;
	a->parked++;
	a->calm = 0;
	rc = parked_add(a->db, is_event_id(g->name) ? g->name : NULL, kind,
	    group_text(a, end), g->why);
	return rc == DB_OK ? db_sync(a->db) : rc;
}

/*
 * Takes the group back.  A trigger of the database's owner may have ended the
 * transaction together with it: RAISE(ROLLBACK).  Then nothing else must have
 * been in there, so the batch is run again with a transaction for each group.
 */
static int
group_undo(struct apply *a)
{
	enum db_result rc = db_undo(a->db);

	if (rc == DB_REFUSED)
		a->single_to = a->pos;
	if (rc == DB_REFUSED && a->events > 0) {
		batch_rewind(a);
		return 0;
	}
	if (rc == DB_REFUSED) {
		db_rollback(a->db);
		rc = db_begin(a->db);
	}
	return rc == DB_OK ? 0 : handle(a, rc);
}

static enum db_result
group_keep(struct apply *a)
{
	const struct group *g = &a->group;

	a->parked += g->parks;
	a->any_parked |= g->parks;
	a->calm += g->careful;
	return g->careful ? db_keep(a->db) : DB_OK;
}

/* The last statements of the group; whether all went well, if it matters. */
static enum db_result
group_finish(struct apply *a, size_t end)
{
	const struct group *g = &a->group;
	enum db_result rc = DB_OK;

	if (a->any_parked && !g->parks)
		rc = group_resolve(a, end);
	return rc == DB_OK && g->careful ? db_sync(a->db) : rc;
}

/* The group is whole: keep it or park it, and let the cursor pass. */
static int
group_end(struct apply *a, const char *name, size_t end)
{
	struct group *g = &a->group;
	enum db_result rc = DB_OK;
	int status;

	if (strcmp(name, g->name) != 0)
		return stop(a, "a RELEASE of another name");
	if (!g->refused && (rc = group_finish(a, end)) != DB_OK &&
	    ((status = handle(a, rc)) != 0 || !a->in_transaction))
		return status;
	a->db->here.group = NOWHERE;
	if (g->refused && ((status = group_undo(a)) != 0 || !a->in_transaction))
		return status;
	rc = g->refused ? group_park(a, end) : group_keep(a);
	if (rc != DB_OK)
		return handle(a, rc);
	g->open = false;
	a->events++;
	if (trace_events_on)
		event_trace_end(&a->trace, a->db, g->refused);
	if (a->cursor != NULL && is_event_id(g->name))
		cursor_pass(a->cursor, g->name);
	return 0;
}

/*
 * Keeps the event's line where parking may need it: the ledger's 2nd value.
 * What is not one line can't be taken through wos-decode again.
 */
static void
group_note(
    struct apply *a, const struct shape *shape, const struct statement *s)
{
	struct group *g = &a->group;

	if (strcmp(shape->table->name, "parked_event") == 0)
		g->parks = true;
	if (trace_events_on && s->nvalues > 3 &&
	    strcmp(shape->table->name, "events_cursor") == 0)
		event_trace_type(&a->trace, &s->value[3]);
	if ((g->careful || a->any_parked) && g->line.len == 0 &&
	    strcmp(shape->table->name, "events_cursor") == 0 &&
	    s->nvalues > 1 && s->value[1].type == VALUE_TEXT &&
	    memchr(s->value[1].text, '\n', s->value[1].len) == NULL)
		buf_add(&g->line, s->value[1].text, s->value[1].len);
}

static int
group_change(struct apply *a, const struct statement *s)
{
	struct shape *shape = a->shape;
	const char *why = s->why;
	enum db_result rc;

	if (shape == NULL && why == NULL) {
		shape = shape_get(a->db, s->shape.p, s->shape.len);
		why = shape->why;
	}
	if (why == NULL)
		group_note(a, shape, s); /* also for a group to be parked */
	if (a->group.refused)
		return 0;
	if (why != NULL)
		return group_refuse(a, why);
	rc = db_run(a->db, &shape->query, s->value, s->nvalues, NULL);
	return rc == DB_OK ? 0 : handle(a, rc);
}

static size_t
count_lines(const char *p, size_t len)
{
	const char *end = p + len;
	size_t n = 0;

	for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		n++;
	return n;
}

/* Runs the statement that has been read at a->pos. */
static int
step(struct apply *a)
{
	const struct statement *s = &a->statement;
	const char *text = a->in.buf.p + a->pos;
	char name[EVENT_ID_MAX + 1];
	size_t lead = s->lead;
	bool ends = false;
	int status;

	a->line += count_lines(text, lead);
	a->db->here.group = a->group.open ? a->group.start : NOWHERE;
	a->db->here.line = a->line;
	if (name_of(s, "SAVEPOINT", name))
		status = group_begin(a, name, a->pos + lead);
	else if (!a->group.open)
		status = stop(a, "expected SAVEPOINT \"event id\"");
	else if ((ends = name_of(s, "RELEASE", name)))
		status = group_end(a, name, a->pos + s->size);
	else
		status = group_change(a, s);
	if (status != 0 || !a->in_transaction)
		return status; /* without one: it was taken back */
	a->line += count_lines(text + lead, s->size - lead);
	a->pos += s->size;
	if (ends && !a->group.open && batch_is_full(a))
		return batch_commit(a);
	return 0;
}

/* Reads the statement at a->pos, if the buffer has all of it. */
static bool
read_statement(struct apply *a)
{
	const char *text = a->in.buf.p + a->pos;
	size_t len = a->in.buf.len - a->pos;

	a->shape = shape_match(&a->statement, text, len);
	return a->shape != NULL || statement_read(&a->statement, text, len);
}

/* Runs what the buffer holds of whole statements, up to a->stop. */
static int
run_buffer(struct apply *a)
{
	int status = 0;

	while (status == 0 && a->pos < a->stop && read_statement(a))
		status = step(a);
	return status;
}

/* Takes back a group that has only begun. */
static int
group_take_back(struct apply *a)
{
	enum db_result rc = DB_REFUSED;

	if (a->group.careful)
		rc = db_undo(a->db);
	if (rc == DB_REFUSED) { /* there is no savepoint, or no more */
		batch_trace_back(&a->trace, BACK_CUT);
		batch_rewind(a);
		return 0;
	}
	if (rc != DB_OK)
		return handle(a, rc);
	a->group.open = false;
	a->pos = a->stop = a->group.start;
	a->line = a->group.first_line;
	return 0;
}

/*
 * The input is quiet or at its end: commits the groups that are whole.  One
 * that has only begun is taken back, and with it, unless it has a savepoint
 * of its own, the batch, whose whole groups are run once more.
 */
static int
settle(struct apply *a)
{
	int status = 0;

	a->stop = a->group.open ? a->group.begin : a->pos;
	if (a->group.open)
		status = group_take_back(a);
	do {
		if (status == 0)
			status = run_buffer(a);
		if (status == 0)
			status = batch_commit(a);
	} while (status == 0 && a->pos < a->stop);
	a->stop = NOWHERE;
	return status;
}

/* At the end of the stream: is there nothing left but white space? */
static int
check_end(struct apply *a)
{
	const struct buf *b = &a->in.buf;

	for (; a->pos < b->len; a->pos++)
		if (b->p[a->pos] == '\n')
			a->line++;
		else if (memchr(" \t\r", b->p[a->pos], 3) == NULL)
			return stop(a, "cut short: the last event is not "
				       "whole, and was left out");
	return 0;
}

/* Waits for more of the stream; when it is quiet, what there is lands. */
static int
wait_for_input(struct apply *a)
{
	enum input_result got;
	int status;

	if (!a->in_transaction)
		trace_idle();
	got = input_fill(&a->in, a->in_transaction ? QUIET_MS : -1);
	if (got == INPUT_QUIET) {
		if ((status = settle(a)) != 0)
			return status;
		trace_idle();
		got = input_fill(&a->in, -1);
	}
	if (got != INPUT_ERROR)
		return 0;
	log_field_int("exit_status", STATUS_FAILED);
	log_message(
	    LEVEL_ERROR, "%s: read error: %s", a->name, strerror(errno));
	a->broken = true;
	return STATUS_FAILED;
}

/* Runs the stream to its end. */
static int
run_stream(struct apply *a)
{
	int status = 0;
	size_t start;

	while (status == 0 && !a->in.eof) {
		if ((status = wait_for_input(a)) == 0)
			status = run_buffer(a);
		start = a->group.open ? a->group.start : a->pos;
		if (status == 0 && a->in.buf.len - start > GROUP_MAX_BYTES)
			status = stop(a, "an event of more than 16 MiB");
	}
	if (status == 0 && (status = settle(a)) == 0)
		status = check_end(a);
	return status;
}

int
apply_stream(struct db *db, int fd, const char *name, size_t batch,
    struct cursor *cursor, struct apply_totals *totals)
{
	struct apply a = {.db = db,
	    .name = name,
	    .batch = batch,
	    .cursor = cursor,
	    .totals = totals,
	    .in = {.fd = fd},
	    .line = 1,
	    .first_line = 1,
	    .careful_from = NOWHERE,
	    .stop = NOWHERE};
	enum db_result rc;
	int status, settled;

	pipe_enlarge(fd);
	rc = parked_any(db, &a.any_parked);
	status = rc == DB_OK ? run_stream(&a) : give_up(&a, rc);
	if (a.broken && (settled = settle(&a)) != 0)
		status = settled;
	batch_trace_back(&a.trace, BACK_FAILED);
	if (a.in_transaction)
		batch_rewind(&a);
	batch_trace_release(&a.trace, db);
	buf_free(&a.group.line);
	statement_release(&a.statement);
	input_release(&a.in);
	return status;
}
