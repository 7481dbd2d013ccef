/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status_parts.h"

#define MORE_TYPES "(more types)"

const struct family families[NFAMILIES] = {
    {"sign-ins", " authentication magic_auth password_reset "
		 "email_verification radar "},
    {"sessions", " session "},
    {"users", " user invitation waitlist_user "},
    {"organizations", " organization organization_domain "
		      "organization_membership organization_role role "
		      "permission group "},
    {"directories", " connection dsync "},
    {"other", ""},
};

static const struct {
	const char *table, *created, *deleted;
} objects[] = {
    [USERS] = {"user", "user.created", "user.deleted"},
    [ORGANIZATIONS] = {"organization", "organization.created",
	"organization.deleted"},
};

static size_t
family_of(const char *type)
{
	char word[TYPE_SIZE + 2];
	size_t k = 0;

	snprintf(word, sizeof word, " %.*s ", (int)strcspn(type, "."), type);
	while (k < NFAMILIES - 1 && strstr(families[k].starts, word) == NULL)
		k++;
	return k;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

int
status_signin(const char *type)
{
	if (strncmp(type, "authentication.", strlen("authentication.")) != 0)
		return 0;
	return ends_with(type, "_succeeded") ? 1
	       : ends_with(type, "_failed")  ? -1
					     : 0;
}

static void
add_type(struct status_report *r, const char *name, int64_t events)
{
	struct status_type *t = r->type, *end = r->type + r->ntypes;

	while (t < end && strcmp(t->name, name) != 0)
		t++;
	if (t == end && t < r->type + TYPES_MAX) {
		snprintf(t->name, sizeof t->name, "%s", name);
		r->ntypes++;
	}
	t->events += events;
}

/* A day of the ledger, a type of event, and how many of them. */
static void
take_events(void *arg, const struct value *row, size_t n)
{
	struct status_report *r = arg;
	int64_t events = row[2].i, day = row[0].i;
	bool after = day > r->last;
	struct status_day *d;
	char type[TYPE_SIZE];

	(void)n;
	if (row[0].type != VALUE_INT || day < r->first)
		return;
	d = &r->day[(after ? r->last + 1 : day) - r->first];
	status_text(type, sizeof type, &row[1]);
	for (size_t i = 0; i < NOBJECTS; i++)
		if (strcmp(type, objects[i].created) == 0)
			d->more[i] += events;
		else if (strcmp(type, objects[i].deleted) == 0)
			d->more[i] -= events;
	if (after)
		return;
	if (d->read == READ_NONE)
		d->read = READ_PART;
	add_type(r, type, events);
	d->events[family_of(type)] += events;
	d->succeeded += status_signin(type) > 0 ? events : 0;
	d->failed += status_signin(type) < 0 ? events : 0;
}

static int
by_events(const void *a, const void *b)
{
	const struct status_type *x = a, *y = b;

	if (x->events != y->events)
		return x->events < y->events ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void
sort_types(struct status_report *r)
{
	struct status_type *more = &r->type[TYPES_MAX];

	if (more->events > 0) {
		snprintf(more->name, sizeof more->name, MORE_TYPES);
		r->ntypes++;
	}
	qsort(r->type, r->ntypes, sizeof r->type[0], by_events);
}

/*
 * How many there were at the end of each day: as many as there are, less what
 * the ledger says was added since.  Counted in this direction, objects that
 * are older than the ledger count, too.  Of the days before it nothing is
 * known, nor of those that were not read.
 */
static void
count_objects(struct status_report *r, enum object k)
{
	int64_t now = status_rows(r, objects[k].table);
	int64_t oldest =
	    (r->oldest == UNKNOWN ? INT64_MAX : r->oldest) / DAY_MS;

	for (int64_t i = r->last - r->first + 1; i >= 0; i--) {
		if (r->first + i >= oldest && r->day[i].read != READ_NONE)
			r->day[i].objects[k] = now;
		now -= r->day[i].more[k];
		if (now < 0)
			now = 0;
	}
}

/*
 * Everything about the events of those days, but for their lag.  The ledger of
 * the replaced system has no types, and may have its times as text.
 */
static enum db_result
gather_events(struct status_report *r, struct value since, bool *typed)
{
	static struct query with_types = {.whole = true,
	    .sql = "SELECT \"created_at\"/86400000,\"event_type\",COUNT(*) "
		   "FROM \"events_cursor\" WHERE \"created_at\">=$1 "
		   "GROUP BY \"created_at\"/86400000,\"event_type\""};
	static struct query without = {.whole = true,
	    .sql = "SELECT CAST(\"created_at\" AS BIGINT)/86400000,NULL,"
		   "COUNT(*) FROM \"events_cursor\" WHERE "
		   "CAST(\"created_at\" AS BIGINT)>=$1 "
		   "GROUP BY CAST(\"created_at\" AS BIGINT)/86400000"};
	enum db_result rc =
	    db_select(r->db, &with_types, &since, 1, take_events, r);

	*typed = rc != DB_REFUSED;
	if (!*typed)
		rc = db_select(r->db, &without, &since, 1, take_events, r);
	if (!*typed)
		r->ntypes = 0;
	return rc;
}

static void
take_lag(void *arg, const struct value *row, size_t n)
{
	struct status_report *r = arg;
	struct status_day *d;

	(void)n;
	if (row[0].type != VALUE_INT || row[0].i < r->first ||
	    row[0].i > r->last)
		return;
	d = &r->day[row[0].i - r->first];
	d->lag = row[1].i < 0 ? 0 : row[1].i;
	d->lag95 = row[2].i < 0 ? 0 : row[2].i;
}

/* Of each day's events the median, and what 19 in 20 do not exceed. */
static enum db_result
gather_lag(struct status_report *r, struct value since)
{
	static struct query q = {.whole = true,
	    .sql =
		"SELECT \"day\","
		"MIN(CASE WHEN \"n\"*2>=\"events\" THEN \"lag\" END),"
		"MIN(CASE WHEN \"n\"*20>=\"events\"*19 THEN \"lag\" END) FROM "
		"(SELECT \"day\",\"lag\","
		"ROW_NUMBER() OVER (PARTITION BY \"day\" ORDER BY \"lag\") "
		"AS \"n\",COUNT(*) OVER (PARTITION BY \"day\") AS \"events\" "
		"FROM (SELECT \"created_at\"/86400000 AS \"day\","
		"\"processed_at\"-\"created_at\" AS \"lag\" "
		"FROM \"events_cursor\" WHERE \"created_at\">=$1 "
		"AND \"processed_at\" IS NOT NULL) AS \"e\") AS \"r\" "
		"GROUP BY \"day\" ORDER BY \"day\""};

	return db_select(r->db, &q, &since, 1, take_lag, r);
}

static void
take_arrival(void *arg, const struct value *row, size_t n)
{
	struct status_report *r = arg;
	int64_t at = status_time(&row[0]);

	(void)n;
	if (at != UNKNOWN && at - RETENTION_MS < r->read_from)
		r->read_from = at - RETENTION_MS;
}

/*
 * Since when days were read: since the oldest event; and if the API had none
 * older when that came, since the API must have had it.  Then each day's share.
 */
static enum db_result
gather_read(struct status_report *r)
{
	static struct query q = {
	    .sql = "SELECT \"processed_at\" FROM \"events_cursor\" "
		   "WHERE \"created_at\"=$1 ORDER BY \"processed_at\" LIMIT 1"};
	struct value oldest = value_int(r->oldest);
	enum db_result rc = DB_OK;
	int64_t from;

	r->read_from = r->oldest;
	if (r->oldest != UNKNOWN)
		rc = db_select(r->db, &q, &oldest, 1, take_arrival, r);
	for (int64_t i = 0; i <= r->last - r->first; i++) {
		from = (r->first + i) * DAY_MS;
		r->day[i].read = status_coverage(r, from,
		    i == r->last - r->first ? r->o->now : from + DAY_MS);
	}
	return rc == DB_REFUSED ? DB_OK : rc;
}

enum db_result
status_gather_days(struct status_report *r)
{
	struct value since = value_int(r->first * DAY_MS);
	enum db_result rc;
	bool typed;

	for (int64_t i = 0; i <= r->last - r->first; i++)
		r->day[i] = (struct status_day){.objects = {UNKNOWN, UNKNOWN},
		    .lag = UNKNOWN,
		    .lag95 = UNKNOWN};
	if ((rc = gather_read(r)) != DB_OK ||
	    (rc = gather_events(r, since, &typed)) != DB_OK || !typed)
		return rc;
	sort_types(r);
	if (status_rows(r, "user") != UNKNOWN &&
	    status_rows(r, "organization") != UNKNOWN) {
		count_objects(r, USERS);
		count_objects(r, ORGANIZATIONS);
	}
	if ((rc = gather_lag(r, since)) != DB_OK ||
	    (rc = status_gather_periods(r)) != DB_OK)
		return rc;
	return status_gather_failures(r);
}
