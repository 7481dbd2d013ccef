/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "cursor.h"
#include "facts.h"
#include "facts_scope.h"
#include "size.h"
#include "timestamp.h"
#include "visible.h"

#define DAY_MS INT64_C(86400000)
#define DAY_SIZE sizeof "2026-11-23"

/* Bytes of a text that are shown: a reason has up to 500. */
#define SHOWN_SIZE 600

/*
 * Types of events that are told apart.  The API has about 120; what a stranger
 * makes up beyond the maximum is counted as one.
 */
#define TYPES_MAX 500
#define TYPE_SIZE 100
#define MORE_TYPES "(more types)"

/* The values of a cursor's fact. */
#define CURSOR_COLUMNS 7

/* Cursors of which it is told what they stand for, and their names' bytes. */
#define CURSORS_MAX 100
#define CURSOR_NAME_SIZE 256

/* Parked events that are listed: enough to see what they have in common. */
#define PARKED_MOST "20"

/*
 * Families of event types by what stands before the first dot; all others are
 * the last one.
 */
enum family {
	FAMILY_SIGN_INS,
	FAMILY_SESSIONS,
	FAMILY_USERS,
	FAMILY_ORGANIZATIONS,
	FAMILY_DIRECTORIES,
	FAMILY_OTHER,
	NFAMILIES
};

static const char *const family_names[] = {
    "sign-ins", "sessions", "users", "organizations", "directories", "other"};

static const struct {
	const char *start;
	enum family family;
} families[] = {
    {"authentication", FAMILY_SIGN_INS},
    {"magic_auth", FAMILY_SIGN_INS},
    {"password_reset", FAMILY_SIGN_INS},
    {"email_verification", FAMILY_SIGN_INS},
    {"radar", FAMILY_SIGN_INS},
    {"session", FAMILY_SESSIONS},
    {"user", FAMILY_USERS},
    {"invitation", FAMILY_USERS},
    {"waitlist_user", FAMILY_USERS},
    {"organization", FAMILY_ORGANIZATIONS},
    {"organization_domain", FAMILY_ORGANIZATIONS},
    {"organization_membership", FAMILY_ORGANIZATIONS},
    {"organization_role", FAMILY_ORGANIZATIONS},
    {"role", FAMILY_ORGANIZATIONS},
    {"permission", FAMILY_ORGANIZATIONS},
    {"group", FAMILY_ORGANIZATIONS},
    {"connection", FAMILY_DIRECTORIES},
    {"dsync", FAMILY_DIRECTORIES},
};

/* The objects whose number is told for each day. */
enum object { USERS, ORGANIZATIONS, NOBJECTS };

static const struct {
	const char *table, *created, *deleted;
} objects[] = {
    [USERS] = {"user", "user.created", "user.deleted"},
    [ORGANIZATIONS] = {"organization", "organization.created",
	"organization.deleted"},
};

struct day {
	int64_t events[NFAMILIES];
	int64_t succeeded, failed; /* sign-ins */
	int64_t more[NOBJECTS];    /* created, less those deleted */
};

struct type {
	char name[TYPE_SIZE];
	int64_t events;
};

struct facts {
	struct db *db;
	FILE *out;
	int64_t first, last;   /* days since 1970 */
	int64_t oldest;        /* the day of the ledger's first event */
	int64_t now[NOBJECTS]; /* how many there are; -1: not known */
	struct day day[FACTS_DAYS_MAX + 1]; /* and what comes after the last */
	struct type type[TYPES_MAX + 1];
	size_t ntypes;
	char cursor[CURSORS_MAX][CURSOR_NAME_SIZE];
	size_t ncursors;
};

static void
put_text(FILE *out, const char *text, size_t len)
{
	char shown[SHOWN_SIZE];

	fprintf(out, "\t%s", visible(shown, sizeof shown, text, len));
}

static void
put_value(FILE *out, const struct value *v)
{
	if (v->type == VALUE_TEXT)
		put_text(out, v->text, v->len);
	else if (v->type == VALUE_NULL)
		fputs("\t-", out);
	else
		fprintf(out, "\t%" PRId64, v->i);
}

static void
put_number(FILE *out, const struct value *v)
{
	static const struct value unknown;

	put_value(out, v->type == VALUE_INT ? v : &unknown);
}

/* `texts` says with a t which values may be texts: all others are numbers. */
static void
put_values(
    FILE *out, const char *fact, const struct value *v, const char *texts)
{
	fputs(fact, out);
	for (size_t i = 0; texts[i] != '\0'; i++)
		if (texts[i] == 't')
			put_value(out, &v[i]);
		else
			put_number(out, &v[i]);
	putc('\n', out);
}

/* Begins a fact about a day. */
static void
put_day(FILE *out, const char *fact, int64_t day)
{
	char when[TIMESTAMP_SIZE];

	timestamp_format(day * DAY_MS, when);
	fprintf(out, "%s\t%.*s", fact, (int)DAY_SIZE - 1, when);
}

static void
no_row(void *arg, const struct value *row, size_t n)
{
	(void)arg;
	(void)row;
	(void)n;
}

/* Asks for these columns of no row: is there such a table, and has it them? */
static enum db_result
find_table(struct db *db, const char *table, const char *columns, bool *found)
{
	char sql[256];
	struct query q = {.sql = sql};
	enum db_result rc;

	snprintf(
	    sql, sizeof sql, "SELECT %s FROM \"%s\" WHERE 1=0", columns, table);
	rc = db_select(db, &q, NULL, 0, no_row, NULL);
	db_forget(db, &q);
	*found = rc == DB_OK;
	return rc == DB_REFUSED ? DB_OK : rc;
}

/* An event's time is in its id, too. */
static struct value
event_time(const struct value *id, const struct value *at)
{
	int64_t ms;

	if (at->type == VALUE_NULL && id->type == VALUE_TEXT &&
	    timestamp_of_ulid(id->text, id->len, &ms) == 0)
		return value_int(ms);
	return *at;
}

/* Its name is noted: what it stands for is another question. */
static void
put_cursor(void *arg, const struct value *row, size_t n)
{
	struct facts *f = arg;
	struct value shown[CURSOR_COLUMNS];

	memcpy(shown, row, sizeof shown);
	shown[2] = event_time(&row[1], &row[2]);
	(void)n;
	put_values(f->out, "cursor", shown, "ttnnnnn");
	if (f->ncursors < CURSORS_MAX && row[0].type == VALUE_TEXT &&
	    row[0].len < CURSOR_NAME_SIZE &&
	    memchr(row[0].text, '\0', row[0].len) == NULL) {
		memcpy(f->cursor[f->ncursors], row[0].text, row[0].len);
		f->cursor[f->ncursors++][row[0].len] = '\0';
	}
}

/* An older schema, or the replaced system's: there is only the id. */
static enum db_result
print_old_cursor(struct facts *f)
{
	struct value row[CURSOR_COLUMNS] = {{0}};
	char held[EVENT_ID_MAX + 1];
	enum db_result rc = cursor_find(f->db, "default", held);

	if (rc != DB_OK || *held == '\0')
		return rc;
	row[0] = value_text("default");
	row[1] = value_text(held);
	put_cursor(f, row, CURSOR_COLUMNS);
	return DB_OK;
}

static enum db_result
print_cursors(struct facts *f, bool ledger)
{
	static const char columns[] =
	    "\"name\",\"event_id\",\"event_at\",\"moved_at\",\"tail_seen_at\","
	    "\"gap_from\",\"gap_to\"";
	static struct query q = {
	    .sql = "SELECT \"name\",\"event_id\",\"event_at\",\"moved_at\","
		   "\"tail_seen_at\",\"gap_from\",\"gap_to\" "
		   "FROM \"sync_cursor\" ORDER BY \"name\""};
	enum db_result rc;
	bool found;

	rc = find_table(f->db, "sync_cursor", columns, &found);
	if (rc == DB_OK && found)
		rc = db_select(f->db, &q, NULL, 0, put_cursor, f);
	else if (rc == DB_OK && ledger)
		rc = print_old_cursor(f);
	for (size_t i = 0; rc == DB_OK && i < f->ncursors; i++)
		rc = facts_scope(f->db, f->cursor[i], f->out);
	return rc;
}

static void
put_parked(void *arg, const struct value *row, size_t n)
{
	(void)n;
	put_values(arg, "parked", row, "ttnt");
}

/* The newest. */
static enum db_result
print_parked(struct facts *f)
{
	static struct query q = {
	    .sql = "SELECT \"id\",\"event_id\",\"parked_at\",\"reason\" FROM "
		   "\"parked_event\" ORDER BY \"parked_at\" DESC,\"id\" "
		   "LIMIT " PARKED_MOST};
	enum db_result rc;
	bool found;

	rc = find_table(f->db, "parked_event", "\"parked_at\"", &found);
	if (rc == DB_OK && found)
		rc = db_select(f->db, &q, NULL, 0, put_parked, f->out);
	return rc;
}

static void
take_count(void *arg, const struct value *row, size_t n)
{
	(void)n;
	*(int64_t *)arg = row[0].i;
}

static enum db_result
print_table(struct facts *f, const char *table)
{
	char sql[128];
	struct query q = {.sql = sql, .whole = true};
	enum db_result rc;
	bool found;
	int64_t rows = 0;

	rc = find_table(f->db, table, "1", &found);
	if (rc != DB_OK || !found)
		return rc;
	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM \"%s\"", table);
	rc = db_select(f->db, &q, NULL, 0, take_count, &rows);
	db_forget(f->db, &q);
	if (rc != DB_OK)
		return rc;
	fprintf(f->out, "table\t%s\t%" PRId64 "\n", table, rows);
	for (size_t i = 0; i < NOBJECTS; i++)
		if (strcmp(table, objects[i].table) == 0)
			f->now[i] = rows;
	return DB_OK;
}

static enum db_result
print_tables(struct facts *f)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		rc = print_table(f, t->name);
	return rc;
}

static enum family
family_of(const char *type)
{
	size_t len = strcspn(type, ".");

	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (strlen(families[i].start) == len &&
		    memcmp(families[i].start, type, len) == 0)
			return families[i].family;
	return FAMILY_OTHER;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

static void
add_type(struct facts *f, const char *name, int64_t events)
{
	struct type *t = f->type, *end = f->type + f->ntypes;

	while (t < end && strcmp(t->name, name) != 0)
		t++;
	if (t == end && f->ntypes < TYPES_MAX)
		f->ntypes++;
	if (t == end)
		snprintf(t->name, sizeof t->name, "%s",
		    t < f->type + TYPES_MAX ? name : MORE_TYPES);
	t->events += events;
}

/* A day of the ledger, a type of event, and how many of them. */
static void
take_events(void *arg, const struct value *row, size_t n)
{
	struct facts *f = arg;
	int64_t events = row[2].i, day = row[0].i;
	bool after = day > f->last;
	struct day *d;
	char type[TYPE_SIZE];

	(void)n;
	if (row[0].type != VALUE_INT || day < f->first)
		return;
	d = &f->day[(after ? f->last + 1 : day) - f->first];
	visible(type, sizeof type, row[1].text ? row[1].text : "-",
	    row[1].text ? row[1].len : 1);
	for (size_t i = 0; i < NOBJECTS; i++)
		if (strcmp(type, objects[i].created) == 0)
			d->more[i] += events;
		else if (strcmp(type, objects[i].deleted) == 0)
			d->more[i] -= events;
	if (after)
		return;
	add_type(f, type, events);
	d->events[family_of(type)] += events;
	if (strncmp(type, "authentication.", strlen("authentication.")) == 0) {
		d->succeeded += ends_with(type, "_succeeded") ? events : 0;
		d->failed += ends_with(type, "_failed") ? events : 0;
	}
}

static void
put_events(const struct facts *f)
{
	for (int64_t i = 0; i <= f->last - f->first; i++)
		for (size_t k = 0; k < NFAMILIES; k++) {
			if (f->day[i].events[k] == 0)
				continue;
			put_day(f->out, "day", f->first + i);
			fprintf(f->out, "\t%s\t%" PRId64 "\n", family_names[k],
			    f->day[i].events[k]);
		}
}

static int
by_events(const void *a, const void *b)
{
	const struct type *x = a, *y = b;

	if (x->events != y->events)
		return x->events < y->events ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void
put_types(struct facts *f)
{
	size_t n = f->ntypes;

	if (*f->type[TYPES_MAX].name != '\0') /* there were more */
		n++;
	qsort(f->type, n, sizeof f->type[0], by_events);
	for (size_t i = 0; i < n; i++)
		fprintf(f->out, "type\t%s\t%" PRId64 "\n", f->type[i].name,
		    f->type[i].events);
}

static void
put_sign_ins(const struct facts *f)
{
	for (int64_t i = 0; i <= f->last - f->first; i++) {
		const struct day *d = &f->day[i];

		if (d->succeeded == 0 && d->failed == 0)
			continue;
		put_day(f->out, "signins", f->first + i);
		fprintf(f->out, "\t%" PRId64 "\t%" PRId64 "\n", d->succeeded,
		    d->failed);
	}
}

/*
 * How many there were at the end of each day: as many as there are, less what
 * the ledger says was added since.  Counted in this direction, objects that
 * are older than the ledger count, too.  Of the days before it nothing is
 * known.
 */
static void
put_objects(struct facts *f)
{
	int64_t n = f->last - f->first + 1;

	if (f->now[USERS] < 0 || f->now[ORGANIZATIONS] < 0)
		return;
	for (size_t k = 0; k < NOBJECTS; k++)
		for (int64_t i = n; i >= 0; i--) {
			int64_t more = f->day[i].more[k];

			f->day[i].more[k] = f->now[k];
			f->now[k] -= more;
			if (f->now[k] < 0)
				f->now[k] = 0;
		}
	for (int64_t i = 0; i < n; i++) {
		if (f->first + i < f->oldest)
			continue;
		put_day(f->out, "objects", f->first + i);
		fprintf(f->out, "\t%" PRId64 "\t%" PRId64 "\n",
		    f->day[i].more[USERS], f->day[i].more[ORGANIZATIONS]);
	}
}

/*
 * Everything about the events of those days, but for their lag.  The ledger of
 * the replaced system has no types, and may have its times as text.
 */
static enum db_result
print_events(struct facts *f, bool typed)
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
	struct value since = value_int(f->first * DAY_MS);
	enum db_result rc = db_select(
	    f->db, typed ? &with_types : &without, &since, 1, take_events, f);

	if (rc != DB_OK)
		return rc;
	put_events(f);
	if (typed) {
		put_types(f);
		put_sign_ins(f);
		put_objects(f);
	}
	return DB_OK;
}

static void
put_lag(void *arg, const struct value *row, size_t n)
{
	struct facts *f = arg;

	if (row[0].type != VALUE_INT || row[0].i > f->last)
		return;
	put_day(f->out, "lag", row[0].i);
	for (size_t i = 1; i < n; i++)
		put_number(f->out, &row[i]);
	putc('\n', f->out);
}

/* Of each day's events the median, and what 19 in 20 do not exceed. */
static enum db_result
print_lag(struct facts *f)
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
	struct value since = value_int(f->first * DAY_MS);

	return db_select(f->db, &q, &since, 1, put_lag, f);
}

static void
put_ledger(void *arg, const struct value *row, size_t n)
{
	struct facts *f = arg;

	(void)n;
	put_values(f->out, "ledger", row, "nn");
	if (row[0].type == VALUE_INT)
		f->oldest = row[0].i / DAY_MS;
}

/* The times of its oldest and its newest event, by the index that it has. */
static enum db_result
print_ledger(struct facts *f)
{
	static struct query q = {
	    .sql = "SELECT (SELECT MIN(\"created_at\") FROM \"events_cursor\"),"
		   "(SELECT MAX(\"created_at\") FROM \"events_cursor\")"};

	return db_select(f->db, &q, NULL, 0, put_ledger, f);
}

static enum db_result
print_size(struct facts *f, const char *where)
{
	int64_t size;
	enum db_result rc = size_find(f->db, where, &size);

	if (size >= 0)
		fprintf(f->out, "size\t%" PRId64 "\n", size);
	return rc;
}

static enum db_result
print_days(struct facts *f, bool typed)
{
	enum db_result rc;

	put_day(f->out, "window", f->first);
	put_day(f->out, "", f->last);
	putc('\n', f->out);
	if ((rc = print_tables(f)) != DB_OK ||
	    (rc = print_events(f, typed)) != DB_OK)
		return rc;
	return typed ? print_lag(f) : DB_OK;
}

enum db_result
facts_print(struct db *db, const struct options *o)
{
	static struct facts facts;
	struct facts *f = &facts;
	bool ledger, typed;
	enum db_result rc;

	*f = (struct facts){
	    .db = db, .out = stdout, .now = {-1, -1}, .oldest = INT64_MAX};
	f->last = o->now / DAY_MS;
	f->first = f->last - (int64_t)o->days + 1;
	printf("now\t%" PRId64 "\ndatabase", o->now);
	put_text(stdout, o->shown, strlen(o->shown));
	putchar('\n');
	rc = print_size(f, o->database);
	if (rc == DB_OK)
		rc = find_table(db, "events_cursor", "1", &ledger);
	if (rc == DB_OK)
		rc = find_table(db, "events_cursor", "\"event_type\"", &typed);
	if (rc == DB_OK && ledger)
		rc = print_ledger(f);
	if (rc == DB_OK)
		rc = print_cursors(f, ledger);
	if (rc == DB_OK)
		rc = print_parked(f);
	if (rc != DB_OK || !ledger)
		return rc;
	return o->days > 0 ? print_days(f, typed)
			   : print_table(f, "parked_event");
}
