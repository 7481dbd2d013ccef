/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "buf.h"
#include "cascade.h"
#include "catalogue.h"
#include "envelope.h"
#include "export.h"
#include "jsontext.h"
#include "log.h"
#include "timestamp.h"
#include "visible.h"

struct export
{
	FILE *out;
	int64_t left_out;
};

/* What a string says, if it is one; with escapes, only wos-decode knows. */
static bool
reads(struct jsonspan s, bool *plain)
{
	if (!jsontext_is_string(s) || s.len == 2)
		return false;
	*plain = memchr(s.p, '\\', s.len) == NULL;
	return true;
}

/* Is it a type whose events have data that tables are filled from? */
static bool
needs_data(struct jsonspan type)
{
	struct buf name = {0};
	bool needs;

	buf_add(&name, type.p + 1, type.len - 2);
	needs = catalogue_event_type(buf_str(&name)) != NULL;
	buf_free(&name);
	return needs;
}

/*
 * Is it the line of the event that the ledger has it for?  All are that
 * wos-decode has put there, with no more than the envelope where a filter
 * dropped the event; the replaced system may have kept another part alone.
 */
static bool
is_event_line(struct jsonspan json, const struct value *id)
{
	enum { ID, TYPE, AT, DATA, MEMBERS };
	static const char *const name[] = {"id", "event", "created_at", "data"};
	struct jsonspan m[MEMBERS];
	bool plain;
	int64_t ms;

	if (json.p == NULL || *json.p != '{')
		return false;
	jsontext_pick(json, MEMBERS, name, m);
	if (!reads(m[ID], &plain) ||
	    (plain && (m[ID].len - 2 != id->len ||
			  memcmp(m[ID].p + 1, id->text, id->len) != 0)))
		return false;
	if (!reads(m[AT], &plain) ||
	    (plain && timestamp_parse(m[AT].p + 1, m[AT].len - 2, &ms) == -1))
		return false;
	return reads(m[TYPE], &plain) &&
	       (m[DATA].p != NULL || !needs_data(m[TYPE]) ||
		   envelope_is_all(json));
}

static void
print_line(void *arg, const struct value *row, size_t n)
{
	struct export *e = arg;
	const char *p = row[0].text, *why;
	size_t len = row[0].len, at;
	struct jsonspan json = {0};
	struct buf compact = {0};

	(void)n;
	if (row[0].type == VALUE_TEXT)
		json = jsontext_check(p, len, &why, &at);
	if (!is_event_line(json, &row[1])) {
		e->left_out++;
		return;
	}
	if (memchr(p, '\n', len) != NULL) {
		jsontext_compact(json, &compact);
		p = compact.p;
		len = compact.len;
	}
	visible_write(e->out, p, len);
	putc('\n', e->out);
	buf_free(&compact);
}

/* A line of a list is in its table as it came. */
static void
print_listed(void *arg, const struct value *row, size_t n)
{
	struct export *e = arg;

	(void)n;
	visible_write(e->out, row[0].text, row[0].len);
	putc('\n', e->out);
}

/* Items, and then the lists that are complete. */
static enum db_result
export_lists(struct db *db, struct export *e)
{
	static const struct query of[] = {
	    {.sql = "SELECT \"payload\" FROM \"listed_object\" ORDER BY "
		    "\"object\",\"id\",\"sub_id\"",
		.rows_of = "listed_object"},
	    {.sql = "SELECT \"payload\" FROM \"listed\" ORDER BY "
		    "\"object\",\"parent\"",
		.rows_of = "listed"}};
	enum db_result rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < 2; i++)
		rc = db_select(db, &of[i], NULL, 0, print_listed, e);
	return rc;
}

enum db_result
export_print(struct db *db, const struct options *o)
{
	struct export e = {.out = stdout};
	enum db_result rc = export_lists(db, &e);

	(void)o;
	if (rc == DB_OK)
		rc = db_select(db, &db->ops->export, NULL, 0, print_line, &e);
	if (rc == DB_OK && e.left_out > 0)
		log_warnx("%" PRId64 " rows of the ledger are no events: left "
			  "out",
		    e.left_out);
	return rc;
}

/* An event of the same time as one that is wanted does no harm. */
enum db_result
export_orphans(struct db *db, FILE *out)
{
	static const struct query events[] = {
	    {.sql = "SELECT \"event_payload\",\"event_id\" FROM "
		    "\"events_cursor\" WHERE \"event_id\" IN (SELECT "
		    "\"event_id\" FROM \"orphan\" WHERE "
		    "\"todo\"='decode') ORDER BY \"event_id\"",
		.rows_of = "events_cursor"},
	    {.sql = "SELECT \"event_payload\",\"event_id\" FROM "
		    "\"events_cursor\" WHERE \"created_at\" IN (SELECT "
		    "\"event_at\" FROM \"orphan\" WHERE \"todo\"='decode' "
		    "AND \"object\"='" ORPHAN_REFILL "') "
		    "ORDER BY \"event_id\"",
		.rows_of = "events_cursor"}};
	static const struct query lists = {
	    .sql = "SELECT \"payload\" FROM \"listed_object\" AS l WHERE "
		   "EXISTS (SELECT 1 FROM \"orphan\" AS o WHERE "
		   "o.\"object\"=l.\"object\" AND o.\"id\"=l.\"id\" AND "
		   "o.\"sub_id\"=l.\"sub_id\" AND o.\"todo\"='decode') "
		   "ORDER BY l.\"object\",l.\"id\",l.\"sub_id\"",
	    .rows_of = "orphan"};
	struct export e = {.out = out};
	enum db_result rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < 2; i++)
		rc = db_select(db, &events[i], NULL, 0, print_line, &e);
	return rc == DB_OK ? db_select(db, &lists, NULL, 0, print_listed, &e)
			   : rc;
}
