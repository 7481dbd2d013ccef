/*
 * A batch of events is run as it is read, in one transaction.  Its text stays
 * in the input's buffer until it is committed: when one of its statements is
 * refused, all of it is taken back and run again carefully, with a savepoint
 * around each group, so that only the group at fault is left out and parked.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apply.h"
#include "input.h"
#include "parked.h"
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

struct group {
	bool open;
	bool refused; /* only in a careful batch; the reason is in why */
	bool parks;   /* it is wos-decode that parks something */
	char name[EVENT_ID_MAX + 1];
	size_t start; /* offset in the buffer */
	size_t first_line;
	struct buf line; /* its event's line, where it will be asked for */
	char why[REASON_SIZE];
};

struct apply {
	struct db *db;
	const char *name; /* of the stream */
	size_t batch;     /* events in one */
	struct cursor *cursor;
	struct apply_totals *totals;
	struct input in;
	struct statement statement;
	size_t pos;      /* what of the buffer has been run */
	size_t line;     /* the number of the line there */
	bool any_parked; /* may parked_event have rows? */
	/* The batch: the buffer's beginning. */
	bool in_transaction;
	bool careful;
	size_t events, parked;
	size_t first_line;
	struct cursor first_cursor;
	struct timespec begun;
	struct group group;
};

static int
complain(const struct apply *a, const char *what)
{
	warnx("%s: line %zu: %s", a->name, a->line, what);
	return STATUS_FAILED;
}

/* The database won't go on. */
static int
give_up(const struct apply *a, enum db_result rc)
{
	complain(a, a->db->why);
	return rc == DB_BUSY ? STATUS_RETRY : STATUS_FAILED;
}

static bool
is_event_id(const char *name)
{
	return strncmp(name, "parked:", 7) != 0;
}

static int
batch_begin(struct apply *a)
{
	enum db_result rc = db_begin(a->db);

	if (rc != DB_OK)
		return give_up(a, rc);
	a->in_transaction = true;
	a->events = a->parked = 0;
	a->first_line = a->line;
	if (a->cursor != NULL)
		a->first_cursor = *a->cursor;
	clock_gettime(CLOCK_MONOTONIC, &a->begun);
	return 0;
}

/* Commits the batch, which is to have no group open. */
static int
batch_commit(struct apply *a)
{
	enum db_result rc = DB_OK;

	if (!a->in_transaction)
		return 0;
	if (a->cursor != NULL)
		rc = cursor_save(a->cursor, a->db);
	if (rc == DB_OK)
		rc = db_commit(a->db);
	if (rc != DB_OK)
		return give_up(a, rc);
	a->in_transaction = a->careful = false;
	a->totals->events += a->events;
	a->totals->parked += a->parked;
	a->totals->batches++;
	a->events = a->parked = 0;
	buf_consume(&a->in.buf, a->pos);
	a->pos = 0;
	return 0;
}

/* Takes the batch back, to be run again. */
static void
batch_rewind(struct apply *a)
{
	db_rollback(a->db);
	a->in_transaction = false;
	a->pos = 0;
	a->line = a->first_line;
	if (a->cursor != NULL)
		*a->cursor = a->first_cursor;
	a->group.open = false;
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
	return a->events >= a->batch || a->pos >= BATCH_MAX_BYTES ||
	       batch_age(a) >= BATCH_MAX_MS;
}

/*
 * A statement of the group can't be.  In a batch that is not careful yet, it
 * is run again carefully, and comes here once more.
 */
static int
group_refuse(struct apply *a, const char *why)
{
	char text[REASON_SIZE];

	if (!a->careful) {
		batch_rewind(a);
		a->careful = true;
		return 0;
	}
	if (a->group.refused)
		return 0; /* the first reason counts */
	a->group.refused = true;
	snprintf(text, sizeof text, "line %zu: %s", a->line, why);
	visible(a->group.why, sizeof a->group.why, text, strlen(text));
	return 0;
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

	if (s->nvalues > 0 || len < skip + 3 || len - skip - 3 > EVENT_ID_MAX ||
	    memcmp(p, word, skip) != 0 || p[skip] != ' ' ||
	    p[skip + 1] != '"' || p[len - 1] != '"')
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
	enum db_result rc;
	int status;

	if (g->open)
		return group_refuse(a, "a SAVEPOINT inside another");
	if (!a->in_transaction && (status = batch_begin(a)) != 0)
		return status;
	if (a->careful && (rc = db_mark(a->db)) != DB_OK)
		return give_up(a, rc);
	g->open = true;
	g->refused = g->parks = false;
	g->start = start;
	g->first_line = a->line;
	memcpy(g->name, name, sizeof g->name);
	buf_clear(&g->line);
	return 0;
}

/* What the group is parked by: its event's line, or all of its SQL. */
static struct value
group_text(const struct apply *a, size_t end)
{
	const struct group *g = &a->group;

	if (g->line.len > 0)
		return value_bytes(g->line.p, g->line.len);
	return value_bytes(a->in.buf.p + g->start, end - g->start);
}

/* Parks the group, which has been taken back. */
static enum db_result
group_park(struct apply *a, size_t end)
{
	const struct group *g = &a->group;
	const char *kind = g->line.len > 0 ? "line" : "group";

	warnx("%s: %s: %s: parked", a->name, g->name, g->why);
	a->any_parked = true;
	a->parked++;
	return parked_add(a->db, is_event_id(g->name) ? g->name : NULL, kind,
	    group_text(a, end), g->why);
}

/* The group is whole: keep it or park it, and let the cursor pass. */
static int
group_end(struct apply *a, const char *name, size_t end)
{
	struct group *g = &a->group;
	enum db_result rc = DB_OK;

	if (strcmp(name, g->name) != 0)
		return group_refuse(a, "a RELEASE of another name");
	if (g->refused) {
		rc = db_undo(a->db);
		if (rc == DB_OK)
			rc = group_park(a, end);
	} else {
		if (a->careful)
			rc = db_keep(a->db);
		if (rc == DB_OK && a->any_parked && !g->parks)
			rc = parked_resolve(a->db, group_text(a, end));
		a->parked += g->parks;
		a->any_parked |= g->parks;
	}
	if (rc != DB_OK)
		return give_up(a, rc);
	g->open = false;
	a->events++;
	if (a->cursor != NULL && is_event_id(g->name))
		cursor_pass(a->cursor, g->name);
	return 0;
}

/* Keeps the event's line where parking may need it: the ledger's 2nd value. */
static void
group_note(
    struct apply *a, const struct shape *shape, const struct statement *s)
{
	struct group *g = &a->group;

	if (strcmp(shape->table->name, "parked_event") == 0)
		g->parks = true;
	if ((a->careful || a->any_parked) && g->line.len == 0 &&
	    strcmp(shape->table->name, "events_cursor") == 0 &&
	    s->nvalues > 1 && s->value[1].type == VALUE_TEXT)
		buf_add(&g->line, s->value[1].text, s->value[1].len);
}

static int
group_change(struct apply *a, const struct statement *s)
{
	struct shape *shape;
	enum db_result rc;

	if (a->group.refused)
		return 0;
	if (s->why != NULL)
		return group_refuse(a, s->why);
	shape = shape_get(a->db, s->shape.p, s->shape.len);
	if (shape->table == NULL)
		return group_refuse(a, shape->why);
	group_note(a, shape, s);
	rc = db_run(a->db, &shape->query, s->value, s->nvalues, NULL);
	if (rc == DB_REFUSED)
		return group_refuse(a, a->db->why);
	return rc == DB_OK ? 0 : give_up(a, rc);
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
	size_t lead = strspn(text, " \t\r\n"); /* a semicolon follows */
	bool ends = false;
	int status;

	a->line += count_lines(text, lead);
	if (name_of(s, "SAVEPOINT", name))
		status = group_begin(a, name, a->pos + lead);
	else if (!a->group.open)
		status = complain(a, "expected SAVEPOINT \"event id\"");
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

/* Runs what the buffer holds of whole statements, up to the offset `stop`. */
static int
run_buffer(struct apply *a, size_t stop)
{
	int status = 0;

	while (status == 0 && a->pos < stop &&
	       statement_read(
		   &a->statement, a->in.buf.p + a->pos, a->in.buf.len - a->pos))
		status = step(a);
	return status;
}

/*
 * The input is quiet or at its end: commits the groups that are whole.  One
 * that has only begun is taken back, and with it, unless it has a savepoint
 * of its own, the batch, whose whole groups are run once more.
 */
static int
settle(struct apply *a)
{
	size_t start = a->group.start;
	enum db_result rc;
	int status = 0;

	if (a->group.open && a->careful) {
		if ((rc = db_undo(a->db)) != DB_OK)
			return give_up(a, rc);
		a->group.open = false;
		a->pos = start;
		a->line = a->group.first_line;
	} else if (a->group.open) {
		batch_rewind(a);
		status = run_buffer(a, start);
	}
	return status == 0 ? batch_commit(a) : status;
}

/* At the end of the stream: is there nothing left but white space? */
static int
check_end(struct apply *a)
{
	const struct buf *b = &a->in.buf;

	for (size_t i = a->pos; i < b->len; i++)
		if (strchr(" \t\r\n", b->p[i]) == NULL || b->p[i] == '\0')
			return complain(a, "cut short: the last event is "
					   "not whole, and was left out");
	return 0;
}

/* Runs the stream to its end. */
static int
run_stream(struct apply *a)
{
	int status;

	while ((status = run_buffer(a, (size_t)-1)) == 0) {
		size_t start = a->group.open ? a->group.start : a->pos;

		if (a->in.buf.len - start > GROUP_MAX_BYTES)
			return complain(a, "an event of more than 16 MiB");
		switch (input_fill(&a->in, a->in_transaction ? QUIET_MS : -1)) {
		case INPUT_MORE:
			break;
		case INPUT_QUIET:
			if ((status = settle(a)) != 0)
				return status;
			break;
		case INPUT_EOF:
			status = settle(a);
			return status == 0 ? check_end(a) : status;
		case INPUT_ERROR:
			warn("%s: read error", a->name);
			return STATUS_FAILED;
		}
	}
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
	    .line = 1};
	enum db_result rc;
	int status;

	rc = parked_any(db, &a.any_parked);
	status = rc == DB_OK ? run_stream(&a) : give_up(&a, rc);
	if (a.in_transaction)
		batch_rewind(&a);
	buf_free(&a.group.line);
	statement_release(&a.statement);
	input_release(&a.in);
	return status;
}
