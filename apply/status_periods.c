/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "status_parts.h"

/*
 * What the last days brought, beside as many days before them; which days were
 * read at all; and which sign-ins failed, why and whose.
 */

const int64_t period_days[NPERIODS] = {7, 30};

enum measure {
	SIGNINS,
	FAILED,
	NEW_USERS,
	NEW_ORGANIZATIONS,
	NEW_MEMBERSHIPS,
	EVENTS,
};

const char *const measures[NMEASURES] = {
    [SIGNINS] = "sign-ins",
    [FAILED] = "failed sign-ins",
    [NEW_USERS] = "new users",
    [NEW_ORGANIZATIONS] = "new organizations",
    [NEW_MEMBERSHIPS] = "new memberships",
    [EVENTS] = "events",
};

/* Of one cursor.  While older events are being fetched, no time is whole. */
static enum coverage
cursor_coverage(const struct status_report *r, const struct status_cursor *c,
    int64_t from, int64_t to)
{
	int64_t since = scope_since(&c->scope), begin = r->read_from, end;

	end = c->tail_seen_at > c->event_at ? c->tail_seen_at : c->event_at;
	if (c->scope.known && since != SCOPE_OLDEST)
		begin = since;
	if (begin == UNKNOWN || end == UNKNOWN || begin >= to)
		return READ_NONE;
	if (end <= from && end < to - r->o->behind)
		return READ_NONE;
	if (c->gap_from != UNKNOWN && c->gap_from < to && c->gap_to > from)
		return c->gap_from <= from && c->gap_to >= to ? READ_NONE
							      : READ_PART;
	return begin <= from && end >= to - r->o->behind &&
		       scope_count(&c->scope, SCOPE_FILLING) == 0
		   ? READ_WHOLE
		   : READ_PART;
}

enum coverage
status_coverage(const struct status_report *r, int64_t from, int64_t to)
{
	enum coverage all = READ_NONE, one;

	for (size_t i = 0; i < r->ncursors; i++) {
		one = cursor_coverage(r, &r->cursor[i], from, to);
		all = i == 0 || one == all ? one : READ_PART;
	}
	return all;
}

static bool
is_of(enum measure m, const struct value *type)
{
	char text[TYPE_SIZE];

	status_text(text, sizeof text, type);
	switch (m) {
	case SIGNINS:
		return status_signin(text) > 0;
	case FAILED:
		return status_signin(text) < 0;
	case NEW_USERS:
		return strcmp(text, "user.created") == 0;
	case NEW_ORGANIZATIONS:
		return strcmp(text, "organization.created") == 0;
	case NEW_MEMBERSHIPS:
		return strcmp(text, "organization_membership.created") == 0;
	case EVENTS:
		return true;
	}
	return false;
}

/* A type, and for each period how many there were in it, and in both. */
static void
take_period(void *arg, const struct value *row, size_t n)
{
	struct status_report *r = arg;

	(void)n;
	for (int m = 0; m < NMEASURES; m++) {
		if (!is_of(m, &row[0]))
			continue;
		for (size_t i = 0; i < NPERIODS; i++) {
			struct status_period *p = &r->period[i];

			p->now[m] += row[1 + 2 * i].i;
			p->before[m] += row[2 + 2 * i].i - row[1 + 2 * i].i;
		}
	}
}

static void
forget(int64_t count[NMEASURES])
{
	for (int m = 0; m < NMEASURES; m++)
		count[m] = UNKNOWN;
}

/* To the millisecond: half of today is compared with no whole day. */
enum db_result
status_gather_periods(struct status_report *r)
{
	static struct query q = {.whole = true,
	    .sql = "SELECT \"event_type\","
		   "COUNT(CASE WHEN \"created_at\">=$1 THEN 1 END),"
		   "COUNT(CASE WHEN \"created_at\">=$2 THEN 1 END),"
		   "COUNT(CASE WHEN \"created_at\">=$3 THEN 1 END),COUNT(*) "
		   "FROM \"events_cursor\" WHERE \"created_at\">=$4 "
		   "AND \"created_at\"<=$5 GROUP BY \"event_type\""};
	int64_t now = r->o->now, from, before;
	struct value at[2 * NPERIODS + 1];
	enum db_result rc;

	for (size_t i = 0; i < NPERIODS; i++) {
		at[2 * i] = value_int(now - period_days[i] * DAY_MS);
		at[2 * i + 1] = value_int(now - 2 * period_days[i] * DAY_MS);
	}
	at[2 * NPERIODS] = value_int(now);
	rc = db_select(r->db, &q, at, 2 * NPERIODS + 1, take_period, r);
	r->compared = rc == DB_OK;
	for (size_t i = 0; i < NPERIODS; i++) {
		struct status_period *p = &r->period[i];

		from = at[2 * i].i;
		before = at[2 * i + 1].i;
		p->read = status_coverage(r, from, now);
		if (p->read == READ_NONE && p->now[EVENTS] == 0)
			forget(p->now);
		if (status_coverage(r, before, from) != READ_WHOLE)
			forget(p->before);
	}
	return rc;
}

static void
take_failure(void *arg, const struct value *row, size_t n)
{
	struct status_failures *f = arg;
	struct status_failure *one = &f->one[f->n];

	(void)n;
	if (f->n == FAILURES_MAX)
		return;
	f->n++;
	status_text(one->id, sizeof one->id, &row[0]);
	if (row[1].type != VALUE_NULL)
		status_text(one->name, sizeof one->name, &row[1]);
	one->events = row[2].i;
}

#define OF_FAILURES                                                            \
	"WHERE \"a\".\"event_at\">=$1 AND \"a\".\"event_at\"<$2 AND "          \
	"\"a\".\"event_type\" LIKE 'authentication.%_failed' GROUP BY 1 "      \
	"ORDER BY 3 DESC,1 LIMIT 10"

/*
 * The API names an organization in sign-ins by SSO only.  All others count for
 * each organization that the user belongs to, or for none.
 */
#define ORGANIZATION                                                           \
	"COALESCE(\"a\".\"sso_organization_id\",\"m\".\"organization_id\",'')"

enum db_result
status_gather_failures(struct status_report *r)
{
	static struct query reasons = {.whole = true,
	    .sql =
		"SELECT COALESCE(\"a\".\"error_code\",\"a\".\"event_type\"),"
		"NULL,COUNT(*) FROM \"authentication\" AS \"a\" " OF_FAILURES};
	static struct query organizations = {.whole = true,
	    .sql = "SELECT " ORGANIZATION ",MIN(\"o\".\"name\"),COUNT(*) "
		   "FROM \"authentication\" AS \"a\" "
		   "LEFT JOIN \"organization_membership\" AS \"m\" "
		   "ON \"a\".\"sso_organization_id\" IS NULL "
		   "AND \"m\".\"user_id\"=\"a\".\"user_id\" "
		   "LEFT JOIN \"organization\" AS \"o\" "
		   "ON \"o\".\"id\"=" ORGANIZATION " " OF_FAILURES};
	struct value days[] = {
	    value_int(r->first * DAY_MS), value_int((r->last + 1) * DAY_MS)};
	enum db_result rc =
	    db_select(r->db, &reasons, days, 2, take_failure, &r->reasons);

	if (rc == DB_OK)
		rc = db_select(r->db, &organizations, days, 2, take_failure,
		    &r->organizations);
	return rc == DB_REFUSED ? DB_OK : rc; /* an older schema has none */
}
