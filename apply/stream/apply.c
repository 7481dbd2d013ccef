/* SPDX-License-Identifier: MIT */
/*
 * Follows the stream: what is read is run, statement by statement, and lands
 * when the batch is full or the input quiet.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "apply.h"
#include "batch.h"
#include "counts.h"
#include "group.h"
#include "input.h"
#include "log.h"
#include "orphan.h"
#include "pipe.h"
#include "report.h"
#include "statement.h"
#include "status.h"

/* A batch is committed when the input has been quiet so long, in ms. */
#define QUIET_MS 100

/*
 * The longest group, in bytes.  wos-decode takes lines of 2 MiB, and writes
 * each byte at most four times: as it is and in a column, quotes doubled.
 */
#define GROUP_MAX_BYTES ((size_t)16 * 1024 * 1024)

#define NO_SAVEPOINT "expected SAVEPOINT \"event id\""

/*
 * The name of SAVEPOINT "name" or RELEASE "name", without its quotes; one
 * with a quote or anything but printable ASCII in it is no event's.  It may be
 * `known`, which is one.
 */
static bool
name_of(
    const struct statement *s, const char *word, const char *known, char *name)
{
	size_t skip = strlen(word), len = s->sql.len;
	const char *p = s->sql.p;

	if (s->why != NULL || s->nvalues > 0 || len < skip + 4 ||
	    memcmp(p, word, skip) != 0 || p[skip] != ' ' ||
	    p[skip + 1] != '"' || p[len - 1] != '"')
		return false;
	p += skip + 2;
	len -= skip + 3;
	if ((len != strlen(known) || memcmp(p, known, len) != 0) &&
	    !event_id_is_sound(p, len))
		return false;
	memcpy(name, p, len);
	name[len] = '\0';
	return true;
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
static enum course
step(struct apply *a)
{
	const struct statement *s = &a->statement;
	const char *text = a->in.buf.p + a->pos;
	char name[EVENT_ID_MAX + 1];
	size_t lead = s->lead;
	bool change = a->form != NULL; /* then it is no bound */
	bool ends = false;
	enum course course;

	a->line += count_lines(text, lead);
	if (!change && name_of(s, "SAVEPOINT", "", name))
		course = group_begin(a, name, a->pos + lead);
	else if (!a->group.open)
		course = batch_stop(a, NO_SAVEPOINT);
	else if ((ends = !change && name_of(s, "RELEASE", a->group.name, name)))
		course = group_end(a, name, a->pos + s->size);
	else
		course = group_change(a, s);
	if (course != GO_ON)
		return course;
	a->line += count_lines(text + lead, s->size - lead);
	a->pos += s->size;
	if (ends && !a->group.open && batch_is_full(a))
		return batch_commit(a);
	return GO_ON;
}

/* Reads the statement at a->pos, if the buffer has all of it. */
static bool
read_statement(struct apply *a)
{
	size_t len = a->in.buf.len - a->pos;
	const char *text;

	if (len == 0)
		return false; /* there may not even be a buffer yet */
	text = a->in.buf.p + a->pos;
	a->form = forms_match(&a->forms, &a->statement, text, len);
	return a->form != NULL || statement_read(&a->statement, text, len);
}

/*
 * Between the groups, what can't be SAVEPOINT need not be read to its end,
 * which may never come.  NULL if it can.
 */
static const char *
stray(const struct apply *a)
{
	const char *p = a->in.buf.p + a->pos,
		   *end = a->in.buf.p + a->in.buf.len;

	if (a->group.open)
		return NULL;
	while (p < end && memchr(" \t\r\n", *p, 4) != NULL)
		p++;
	if (p == end || *p == 'S')
		return NULL;
	if (*p == '{' || *p == '[')
		return "JSON, which is to go through wos-decode first";
	return NO_SAVEPOINT;
}

/* Runs what the buffer holds of whole statements, up to a->stop. */
static enum course
run_buffer(struct apply *a)
{
	const char *why = NULL;
	enum course course = GO_ON;

	while (course != STOP && a->pos < a->stop && (why = stray(a)) == NULL &&
	       read_statement(a))
		course = step(a);
	if (why == NULL)
		return course;
	for (const char *p = a->in.buf.p + a->pos; isspace((unsigned char)*p);)
		a->line += *p++ == '\n';
	return batch_stop(a, why);
}

/*
 * There is time for the database, and for orphans.  A dry run does without: it
 * tells what the events do.
 */
static enum course
rest(struct apply *a)
{
	bool decode = false;
	int status = 0;
	enum db_result rc = db_rest(a->db, &a->totals->changed);

	if (rc == DB_OK && !a->db->dry)
		rc = orphan_settle(a->db, &decode);
	a->rested = rc == DB_OK;
	if (rc == DB_BUSY && !a->in.eof)
		return GO_ON; /* there will be another time */
	if (rc != DB_OK)
		return batch_give_up(a, rc);
	if (decode)
		status = orphan_decode(a->db, a->name, &a->totals->changed);
	batch_publish(a->totals);
	if (status == 0)
		return GO_ON;
	a->status = status;
	return STOP;
}

/*
 * The input is quiet or at its end: commits the groups that are whole.  One
 * that has only begun is taken back, and with it, unless it has a savepoint
 * of its own, the batch, whose whole groups are run once more.
 */
static enum course
land(struct apply *a)
{
	enum course course = GO_ON;

	a->stop = a->group.open ? a->group.begin : a->pos;
	if (a->group.open)
		course = group_take_back(a);
	do {
		if (course != STOP)
			course = run_buffer(a);
		if (course != STOP)
			course = batch_commit(a);
	} while (course != STOP && a->pos < a->stop);
	a->stop = NEVER;
	return course == STOP ? STOP : rest(a);
}

/* Notes what the stream reports, of which the database has all by now. */
static enum course
note_report(struct apply *a, bool end)
{
	enum db_result rc = DB_OK;

	if (a->cursor != NULL && a->cursor->report != NULL)
		report_read(a->cursor->report);
	if (a->cursor != NULL && !a->in_transaction)
		rc = cursor_note(a->cursor, a->db, a->totals->events, end);
	if (rc == DB_OK || (!end && (rc == DB_BUSY || rc == DB_AGAIN)))
		return GO_ON; /* there will be another time */
	return batch_give_up(a, rc);
}

/* At the end of the stream: is there nothing left but white space? */
static enum course
check_end(struct apply *a)
{
	const struct buf *b = &a->in.buf;

	for (; a->pos < b->len; a->pos++)
		if (b->p[a->pos] == '\n')
			a->line++;
		else if (memchr(" \t\r", b->p[a->pos], 3) == NULL)
			return batch_stop(a, "cut short: the last event is not "
					     "whole, and was left out");
	return GO_ON;
}

/* What the stream reports comes beside it. */
static int
beside(const struct apply *a)
{
	return a->cursor != NULL && a->cursor->report != NULL
		   ? a->cursor->report->fd
		   : -1;
}

static enum course
read_error(struct apply *a)
{
	a->status = STATUS_FAILED;
	log_field_int("exit_status", STATUS_FAILED);
	log_message(
	    LEVEL_ERROR, "%s: read error: %s", a->name, strerror(errno));
	a->broken = true;
	return STOP;
}

/* Waits for more of the stream; when it is quiet, what there is lands. */
static enum course
wait_for_input(struct apply *a)
{
	enum input_result got = INPUT_QUIET;
	enum course course = GO_ON;

	while (course != STOP && (got == INPUT_QUIET || got == INPUT_BESIDE)) {
		if (!a->in_transaction)
			trace_idle();
		if (a->in_transaction || !a->rested)
			got = input_fill(&a->in, QUIET_MS, -1);
		else
			got = input_fill(&a->in, -1, beside(a));
		if (got == INPUT_QUIET)
			course = land(a);
		if (course != STOP &&
		    (got == INPUT_QUIET || got == INPUT_BESIDE))
			course = note_report(a, false);
	}
	return got == INPUT_ERROR ? read_error(a) : course;
}

/* Runs the stream to its end. */
static enum course
run_stream(struct apply *a)
{
	enum course course = GO_ON;
	size_t start;

	while (course != STOP && !a->in.eof) {
		if ((course = wait_for_input(a)) != STOP)
			course = run_buffer(a);
		start = a->group.open ? a->group.start : a->pos;
		if (course != STOP && a->in.buf.len - start > GROUP_MAX_BYTES)
			course = batch_stop(a, "an event of more than 16 MiB");
	}
	if (course != STOP)
		course = land(a);
	if (course != STOP)
		course = check_end(a);
	return course != STOP ? note_report(a, true) : STOP;
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
	    .rested = true,
	    .careful_from = NEVER,
	    .condemned.start = NEVER,
	    .stop = NEVER};

	pipe_enlarge(fd);
	rows_init(&a.rows, totals->tables != NULL);
	run_stream(&a);
	if (a.broken)
		land(&a);
	batch_trace_back(&a.trace, BACK_FAILED);
	if (a.in_transaction)
		batch_rewind(&a);
	batch_trace_release(&a.trace);
	rows_release(&a.rows);
	forget_release(&a.forget);
	forms_release(&a.forms, db);
	buf_free(&a.group.line);
	statement_release(&a.statement);
	input_release(&a.in);
	return a.status;
}

void
apply_log_rest(const struct apply_totals *t)
{
	if (t->unlogged == 0)
		return;
	log_field_int("parked", (int64_t)t->parked);
	log_warnx("%zu more events were parked", t->unlogged);
}
