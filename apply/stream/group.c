/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "assign.h"
#include "group.h"
#include "log.h"
#include "parked.h"
#include "visible.h"

static bool
is_event_id(const char *name)
{
	return strncmp(name, "parked:", 7) != 0;
}

/* The statement at hand, of the group that is open, can't be. */
static int
group_refuse(struct apply *a, const char *why)
{
	return batch_refuse(a, &a->db->here, why);
}

int
group_begin(struct apply *a, const char *name, size_t start)
{
	struct group *g = &a->group;
	enum db_result rc = DB_OK;
	int status;

	if (g->open)
		return batch_stop(a, "a SAVEPOINT inside another");
	if (!a->in_transaction &&
	    ((status = batch_begin(a)) != 0 || !a->in_transaction))
		return status;
	g->careful = start >= a->careful_from;
	g->refused = start == a->condemned.start;
	if (start == a->careful_from) /* what has no savepoint comes first */
		rc = db_sync(a->db);
	if (rc == DB_OK && g->careful)
		rc = db_mark(a->db);
	if (rc != DB_OK)
		return batch_handle(a, rc);
	g->open = true;
	g->parks = false;
	g->begin = a->pos;
	g->start = start;
	g->first_line = g->bad_line = a->line;
	g->at = CURSOR_NO_TIME;
	if (g->refused && a->condemned.line > 0)
		g->bad_line = a->condemned.line;
	if (g->refused)
		memcpy(g->why, a->condemned.why, sizeof g->why);
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

/*
 * The group is applied now: by whichever text its event was parked, also by one
 * that has been corrected, it is parked no more.
 */
static enum db_result
group_resolve(struct apply *a, size_t end)
{
	const char *id = is_event_id(a->group.name) ? a->group.name : NULL;
	enum db_result rc = parked_resolve(a->db, id, group_text(a, end));

	if (rc == DB_OK && a->group.line.len > 0)
		rc = parked_resolve(a->db, NULL, group_sql(a, end));
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
	return rc == DB_OK ? 0 : batch_handle(a, rc);
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

int
group_end(struct apply *a, const char *name, size_t end)
{
	struct group *g = &a->group;
	enum db_result rc = DB_OK;
	int status;

	if (strcmp(name, g->name) != 0)
		return batch_stop(a, "a RELEASE of another name");
	if (!g->refused && (rc = group_finish(a, end)) != DB_OK &&
	    ((status = batch_handle(a, rc)) != 0 || !a->in_transaction))
		return status;
	a->db->here.group = NOWHERE;
	if (g->refused && ((status = group_undo(a)) != 0 || !a->in_transaction))
		return status;
	rc = g->refused ? group_park(a, end) : group_keep(a);
	if (rc != DB_OK)
		return batch_handle(a, rc);
	g->open = false;
	a->events++;
	if (trace_events_on)
		event_trace_end(&a->trace, a->db, g->refused);
	if (a->cursor != NULL && is_event_id(g->name))
		cursor_pass(a->cursor, g->name, g->at);
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
	if (strcmp(shape->table->name, "events_cursor") != 0)
		return;
	if (s->nvalues > 2 && s->value[2].type == VALUE_INT)
		g->at = s->value[2].i;
	if (trace_events_on && s->nvalues > 3)
		event_trace_type(&a->trace, &s->value[3]);
	if ((g->careful || a->any_parked) && g->line.len == 0 &&
	    s->nvalues > 1 && s->value[1].type == VALUE_TEXT &&
	    memchr(s->value[1].text, '\n', s->value[1].len) == NULL)
		buf_add(&g->line, s->value[1].text, s->value[1].len);
}

/*
 * An id is of one environment alone; a role's key is no id.  A second cursor
 * may be one for another environment's stream.
 */
static bool
is_doubtful(const struct apply *a, const struct shape *shape)
{
	const struct table *t = shape->table;

	return a->cursor != NULL && a->cursor->doubtful &&
	       t->kind == TABLE_REUSED && t->nparents == 0;
}

int
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
		why = assign_refuses(shape, s);
	if (why == NULL)
		group_note(a, shape, s); /* also for a group to be parked */
	if (why == NULL && is_doubtful(a, shape))
		return batch_stop(a, "another environment may have a role of "
				     "the same slug, and there is another "
				     "cursor: one database for each "
				     "environment, or --no-cursor");
	if (a->group.refused)
		return 0;
	if (why != NULL)
		return group_refuse(a, why);
	rc = db_run(a->db, &shape->query, s->value, s->nvalues, NULL);
	return rc == DB_OK ? 0 : batch_handle(a, rc);
}

int
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
		return batch_handle(a, rc);
	a->group.open = false;
	a->pos = a->stop = a->group.start;
	a->line = a->group.first_line;
	return 0;
}
