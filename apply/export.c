/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "cascade.h"
#include "duration.h"
#include "event_id.h"
#include "export.h"
#include "forgotten.h"
#include "ledger.h"
#include "log.h"
#include "status.h"
#include "timestamp.h"
#include "visible.h"

static void
print_line(void *arg, const char *line, size_t len)
{
	visible_write(arg, line, len);
	putc('\n', arg);
}

static void
warn_left_out(int64_t n)
{
	if (n > 0)
		log_warnx("%" PRId64
			  " rows of the ledger are no events: left out",
		    n);
}

/* Until a time, as wos-fetch takes one, or until an event. */
static enum db_result
read_until(struct db *db, const struct options *o, struct extent *e)
{
	const char *text = o->until;
	bool found;
	int64_t span;
	enum db_result rc;

	*e = (struct extent){.arrival = INT64_MAX};
	if (text == NULL)
		return DB_OK;
	e->which = LEDGER_UNTIL;
	if (duration_read(text, &span) == 0)
		e->at = o->now - span;
	else if (text[strspn(text, "0123456789")] == '\0')
		e->at = options_ms("--until", &text, '\0');
	else if (timestamp_parse(text, strlen(text), &e->at) == -1) {
		rc = ledger_find(db, text, e, &found);
		if (rc == DB_OK && !found)
			log_errx(STATUS_FAILED,
			    "--until: %s: neither a time nor an event of the "
			    "ledger",
			    text);
		return rc;
	}
	return DB_OK;
}

enum db_result
export_print(struct db *db, const struct options *o)
{
	struct extent e;
	int64_t left_out = 0;
	enum db_result rc = read_until(db, o, &e);

	if (rc == DB_OK && o->until != NULL)
		rc = forgotten_warn(db,
		    "what has changed since is missing, or as it was before");
	if (rc == DB_OK)
		rc = ledger_lists(db, &e, true, print_line, stdout);
	if (rc == DB_OK)
		rc = ledger_events(db, &e, print_line, stdout, &left_out);
	if (rc == DB_OK)
		warn_left_out(left_out);
	return rc;
}

static void
print_listed(void *arg, const struct value *row, size_t n)
{
	(void)n;
	print_line(arg, row[0].text, row[0].len);
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
	int64_t left_out = 0;
	enum db_result rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < 2; i++)
		rc = ledger_ask(db, &events[i], print_line, out, &left_out);
	return rc == DB_OK ? db_select(db, &lists, NULL, 0, print_listed, out)
			   : rc;
}
