/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "assign.h"
#include "forget/scan.h"
#include "group.h"
#include "group_name.h"
#include "log.h"
#include "park.h"
#include "visible.h"

/*
 * Statements in a group: more could keep others from writing for hours, and
 * fill a server's disk with the rows' old states.  The end of an organization
 * has 37.
 */
#define GROUP_MAX_STATEMENTS 256

static bool
is_event_id(const char *name)
{
	return group_is_event(name, strlen(name));
}

/* The statement at hand, of the group that is open. */
static struct db_place
place_of(const struct apply *a, bool from_stream)
{
	return (struct db_place){a->group.start, a->line, from_stream};
}

/* Where the rows of the group that begins are counted. */
static void
count_rows(struct apply *a, const char *name)
{
	struct group *g = &a->group;

	g->changed =
	    trace_events_on ? event_trace_begin(&a->trace, name) : NULL;
	if (g->changed == NULL)
		g->changed = &a->changed;
	g->changed_before = *g->changed;
	rows_mark(&a->rows);
}

/* What the group has counted goes with it. */
static void
forget_rows(struct apply *a)
{
	*a->group.changed = a->group.changed_before;
	rows_undo(&a->rows);
}

/* Where rows of the form are counted: a span's own, by table, or together. */
static int64_t *
counter(struct apply *a, const struct form *f)
{
	int64_t *table = a->group.changed == &a->changed
			     ? rows_at(&a->rows, f->table)
			     : NULL;

	return table != NULL ? table : a->group.changed;
}

enum course
group_begin(struct apply *a, const char *name, size_t start)
{
	struct group *g = &a->group;
	enum db_result rc = DB_OK;
	enum course course = GO_ON;

	if (g->open)
		return batch_stop(a, "a SAVEPOINT inside another");
	if (!a->in_transaction)
		course = batch_begin(a);
	if (course != GO_ON)
		return course;
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
	g->nstatements = 0;
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
	count_rows(a, name);
	return GO_ON;
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
	const struct db_place at = place_of(a, false);
	enum db_result rc = park_resolve(a->db, &at, id, group_text(a, end));

	if (rc == DB_OK && a->group.line.len > 0)
		rc = park_resolve(a->db, &at, NULL, group_sql(a, end));
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

	if (number < t->logged_to)
		return;
	t->logged_to = number + 1;
	if (t->logged == LOG_PARKED_MOST) {
		t->unlogged++;
		return;
	}
	t->logged++;
	log_field("file", a->name);
	log_field_int("line", (int64_t)g->bad_line);
	log_field("event_id", is_event_id(g->name) ? g->name : NULL);
	log_warnx("%s: %s: line %zu: %s: parked", a->name, g->name, g->bad_line,
	    g->why);
}

/* Is the group's SQL of one who was erased?  Then it can't be kept. */
static bool
is_theirs(const struct apply *a, size_t end)
{
	struct value sql = group_sql(a, end);

	return a->group.line.len == 0 && a->forget.what.any &&
	       scan_text(&a->forget.what.erased, sql.text, sql.len);
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
	if (is_theirs(a, end))
		return DB_OK;
	rc = park_add(a->db, is_event_id(g->name) ? g->name : NULL, kind,
	    group_text(a, end), g->why);
	return rc == DB_OK ? db_sync(a->db) : rc;
}

/*
 * Takes the group back.  A trigger of the database's owner may have ended the
 * transaction together with it: RAISE(ROLLBACK).  Then nothing else must have
 * been in there, so the batch is run again with a transaction for each group.
 */
static enum course
group_undo(struct apply *a)
{
	enum db_result rc = db_undo(a->db);

	forget_rows(a);
	if (rc == DB_REFUSED) {
		a->suspect_to = a->pos;
		a->most = 1;
	}
	if (rc == DB_REFUSED && a->events > 0)
		return batch_rewind(a);
	if (rc == DB_REFUSED) {
		db_rollback(a->db);
		rc = db_begin(a->db);
	}
	return rc == DB_OK ? GO_ON : batch_handle(a, rc);
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

enum course
group_end(struct apply *a, const char *name, size_t end)
{
	struct group *g = &a->group;
	enum db_result rc = DB_OK;
	enum course course = GO_ON;

	if (strcmp(name, g->name) != 0)
		return batch_stop(a, "a RELEASE of another name");
	if (!g->refused && (rc = group_finish(a, end)) != DB_OK)
		course = batch_handle(a, rc);
	if (course == GO_ON && g->refused)
		course = group_undo(a);
	if (course != GO_ON)
		return course;
	rc = g->refused ? group_park(a, end) : group_keep(a);
	if (rc != DB_OK)
		return batch_handle(a, rc);
	g->open = false;
	a->events++;
	if (trace_events_on)
		event_trace_end(&a->trace, g->refused);
	if (a->cursor != NULL && is_event_id(g->name))
		cursor_pass(a->cursor, g->name, g->at);
	return GO_ON;
}

/* What the statement puts into the column, if it is of that type, or NULL. */
static const struct value *
value_of(const struct form *f, const struct statement *s,
    const struct column *c, enum value_type type)
{
	size_t mark = f->mark[c - f->table->column];

	return mark > 0 && s->value[mark - 1].type == type ? &s->value[mark - 1]
							   : NULL;
}

/* The table of parked events, and the ledger with its columns. */
static struct {
	const struct table *parked, *ledger;
	const struct column *line, *at, *type, *item;
} known;

static void
known_init(void)
{
	known.parked = catalogue_table("parked_event");
	known.ledger = catalogue_table("events_cursor");
	known.line = table_column(known.ledger, "event_payload");
	known.at = table_column(known.ledger, "created_at");
	known.type = table_column(known.ledger, "event_type");
	known.item = table_column(catalogue_table("listed_object"), "payload");
}

/*
 * Keeps the line where parking may need it.  What is not one line can't be
 * taken through wos-decode again.
 */
static void
group_keep_line(struct apply *a, const struct value *line)
{
	struct group *g = &a->group;

	if ((g->careful || a->any_parked) && g->line.len == 0 && line != NULL &&
	    memchr(line->text, '\n', line->len) == NULL)
		buf_add(&g->line, line->text, line->len);
}

/*
 * Notes what the ledger gets to know of the event, and keeps its line.  Once
 * someone was erased, an item's, too: the group's SQL may not be kept.
 */
static void
group_note(struct apply *a, const struct form *f, const struct statement *s)
{
	struct group *g = &a->group;
	const struct value *v;

	if (known.ledger == NULL)
		known_init();
	if (f->table == known.parked)
		g->parks = true;
	if (f->rows == OF_ITEMS && a->forget.what.any)
		group_keep_line(a, value_of(f, s, known.item, VALUE_TEXT));
	if (f->table != known.ledger)
		return;
	if ((v = value_of(f, s, known.at, VALUE_INT)) != NULL)
		g->at = v->i;
	if (trace_events_on &&
	    (v = value_of(f, s, known.type, VALUE_TEXT)) != NULL)
		event_trace_type(&a->trace, v);
	group_keep_line(a, value_of(f, s, known.line, VALUE_TEXT));
}

/*
 * An id is of one environment alone; a role's key is no id.  A second cursor
 * may be one for another environment's stream.
 */
static bool
is_doubtful(const struct apply *a, const struct table *t)
{
	return a->cursor != NULL && a->cursor->doubtful &&
	       t->kind == TABLE_REUSED && t->nparents == 0;
}

/*
 * The statement without what is not to come back.  Returns whether it is to be
 * run; or in *why that it can't be.
 */
static bool
group_forget(struct apply *a, struct form *f, const char **why)
{
	struct forget *forget = &a->forget;
	enum forget_course course = forget_statement(forget, f, &a->statement);

	if (course == FORGET_REFUSED)
		*why = FORGET_WHY;
	return course != FORGET_ALL;
}

enum course
group_change(struct apply *a, const struct statement *s)
{
	const struct db_place at = place_of(a, true);
	bool wanted = true;
	struct form *f = a->form;
	const char *why = s->why;
	enum db_result rc;

	if (f == NULL && why == NULL) {
		f = forms_get(&a->forms, a->db, s->sql.p, s->sql.len);
		why = f->why;
	}
	if (why == NULL && ++a->group.nstatements > GROUP_MAX_STATEMENTS)
		why = "more statements than an event has";
	if (why == NULL)
		why = assign_refuses(f, s);
	if (why == NULL && a->forget.what.any)
		wanted = group_forget(a, f, &why);
	if (why == NULL && wanted)
		group_note(a, f, s); /* also for a group to be parked */
	if (why == NULL && is_doubtful(a, f->table))
		return batch_stop(a, "another environment may have a role of "
				     "the same slug, and there is another "
				     "cursor: one database for each "
				     "environment, or --no-cursor");
	if (a->group.refused || (why == NULL && !wanted))
		return GO_ON;
	if (why != NULL)
		return batch_refuse(a, &at, why);
	rc = db_run_at(
	    a->db, &at, &f->query, s->value, s->nvalues, counter(a, f));
	return rc == DB_OK ? GO_ON : batch_handle(a, rc);
}

enum course
group_take_back(struct apply *a)
{
	enum db_result rc = DB_REFUSED;

	if (a->group.careful)
		rc = db_undo(a->db);
	if (rc == DB_REFUSED) { /* there is no savepoint, or no more */
		batch_trace_back(&a->trace, BACK_CUT);
		return batch_rewind(a);
	}
	if (rc != DB_OK)
		return batch_handle(a, rc);
	forget_rows(a);
	a->group.open = false;
	a->pos = a->stop = a->group.start;
	a->line = a->group.first_line;
	return GO_ON;
}
