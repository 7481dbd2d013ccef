#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "cursor.h"
#include "timestamp.h"

/* What is no event's id stands for another that is none, either. */
#define NO_ID " "

static void
take_text(void *arg, const struct value *row, size_t n)
{
	char *out = arg;
	size_t len = row[0].len < EVENT_ID_MAX ? row[0].len : EVENT_ID_MAX;

	(void)n;
	memcpy(out, row[0].text, len);
	out[len] = '\0';
}

static struct query find = {
    .sql = "SELECT \"event_id\" FROM \"sync_cursor\" WHERE \"name\"=$1"};

/*
 * Is it what an event's id can be?  Who made the database may have been anyone,
 * and the id is passed on as a line and as a word.
 */
static bool
is_id(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '"')
			return false;
	return len > 0 && len <= EVENT_ID_MAX;
}

/* The caller holds an id, in *out; it is "" if there is none. */
static void
take_id(void *arg, const struct value *row, size_t n)
{
	if (row[0].type == VALUE_TEXT && is_id(row[0].text, row[0].len))
		take_text(arg, row, n);
	else
		memcpy(arg, NO_ID, sizeof NO_ID);
}

static enum db_result
refuse_id(struct db *db, const char *name)
{
	snprintf(db->why, sizeof db->why,
	    "the cursor %.100s holds no event's id", name);
	return DB_FAILED;
}

enum db_result
cursor_find(struct db *db, const char *name, char held[EVENT_ID_MAX + 1])
{
	static struct query newest = {
	    .sql = "SELECT \"event_id\" FROM \"events_cursor\" "
		   "ORDER BY \"created_at\" DESC LIMIT 1"};
	struct value key = value_text(name);
	enum db_result rc;

	*held = '\0';
	/* Refused: there is no such table. */
	rc = db_select(db, &find, &key, 1, take_id, held);
	if (rc == DB_REFUSED && strcmp(name, CURSOR_DEFAULT) == 0)
		rc = db_select(db, &newest, NULL, 0, take_id, held);
	if (rc == DB_OK && strcmp(held, NO_ID) == 0)
		rc = refuse_id(db, name);
	return rc == DB_REFUSED ? DB_OK : rc;
}

enum db_result
cursor_init(struct cursor *c, struct db *db, const char *name,
    const char *after, bool restart)
{
	struct value key = value_text(name);
	enum db_result rc;

	*c = (struct cursor){.name = name};
	rc = db_select(db, &find, &key, 1, take_text, c->held);
	c->follows = *c->held == '\0' || restart ||
		     (after != NULL && strcmp(after, c->held) == 0);
	return rc;
}

void
cursor_pass(struct cursor *c, const char *event_id)
{
	if (c->follows && !c->lost)
		snprintf(c->last, sizeof c->last, "%s", event_id);
	else if (strcmp(event_id, c->held) == 0)
		c->follows = true;
}

/* The event's time by its ULID, for an event that is parked. */
static struct value
time_of_id(const char *event_id)
{
	int64_t ms;

	if (timestamp_of_ulid(event_id, strlen(event_id), &ms) == 0)
		return value_int(ms);
	return value_text(NULL);
}

enum db_result
cursor_save(struct cursor *c, struct db *db)
{
	static struct query first = {
	    .sql = "INSERT INTO \"sync_cursor\" "
		   "(\"name\",\"event_id\",\"event_at\",\"moved_at\") "
		   "VALUES ($1,$2,COALESCE((SELECT \"created_at\" FROM "
		   "\"events_cursor\" WHERE \"event_id\"=$3),$4),$5) "
		   "ON CONFLICT (\"name\") DO UPDATE SET "
		   "\"moved_at\"=excluded.\"moved_at\" WHERE "
		   "\"sync_cursor\".\"event_id\"=excluded.\"event_id\""};
	static struct query onward = {
	    .sql = "UPDATE \"sync_cursor\" SET \"event_id\"=$1,"
		   "\"event_at\"=COALESCE((SELECT \"created_at\" FROM "
		   "\"events_cursor\" WHERE \"event_id\"=$2),$3),"
		   "\"moved_at\"=$4 WHERE \"name\"=$5 AND "
		   "(\"event_id\"=$6 OR \"event_id\"=$7)"};
	struct value id = value_text(c->last), name = value_text(c->name),
		     at = time_of_id(c->last), now = value_int(time_now());
	enum db_result rc;
	int64_t changed;

	/*
	 * Where it is already is no race lost: after a connection was, nobody
	 * knows whether the batch had been committed, and it is run again.
	 */
	if (*c->last == '\0' || c->lost || strcmp(c->last, c->held) == 0)
		return DB_OK;
	if (*c->held == '\0')
		rc = db_run(db, &first, (struct value[]){name, id, id, at, now},
		    5, &changed);
	else
		rc = db_run(db, &onward,
		    (struct value[]){
			id, id, at, now, name, value_text(c->held), id},
		    7, &changed);
	if (rc != DB_OK)
		return rc;
	if (changed == 0)
		c->lost = true;
	else
		memcpy(c->held, c->last, sizeof c->held);
	return DB_OK;
}

enum db_result
cursor_tail(struct db *db, const char *name, int64_t ms)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"tail_seen_at\"=$1 "
		   "WHERE \"name\"=$2"};

	return db_run(
	    db, &q, (struct value[]){value_int(ms), value_text(name)}, 2, NULL);
}

enum db_result
cursor_gap(struct db *db, const char *name, int64_t from, int64_t to)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"gap_from\"=$1,"
		   "\"gap_to\"=$2 WHERE \"name\"=$3"};

	return db_run(db, &q,
	    (struct value[]){value_int(from), value_int(to), value_text(name)},
	    3, NULL);
}

static const char *const known[] = {
    "event_id", "event_at", "moved_at", "tail_seen_at", "gap_from", "gap_to"};

struct printing {
	FILE *out;
	bool bad; /* it holds no event's id: nothing is printed */
};

/* An id and numbers: what else a table may hold there is not known. */
static void
print_known(void *arg, const struct value *row, size_t n)
{
	struct printing *p = arg;

	p->bad = row[0].type != VALUE_TEXT || !is_id(row[0].text, row[0].len);
	if (p->bad)
		return;
	fprintf(p->out, "%s %.*s\n", known[0], (int)row[0].len, row[0].text);
	for (size_t i = 1; i < n; i++)
		if (row[i].type == VALUE_INT)
			fprintf(p->out, "%s %" PRId64 "\n", known[i], row[i].i);
}

enum db_result
cursor_print(struct db *db, const char *name, FILE *out)
{
	static struct query q = {
	    .sql = "SELECT \"event_id\",\"event_at\",\"moved_at\","
		   "\"tail_seen_at\",\"gap_from\",\"gap_to\" "
		   "FROM \"sync_cursor\" WHERE \"name\"=$1"};
	char held[EVENT_ID_MAX + 1];
	struct value key = value_text(name);
	struct printing p = {.out = out};
	enum db_result rc = db_select(db, &q, &key, 1, print_known, &p);

	if (rc == DB_OK && p.bad)
		return refuse_id(db, name);
	if (rc != DB_REFUSED)
		return rc;
	/* An older schema, or the replaced system's: there is only the id. */
	rc = cursor_find(db, name, held);
	if (rc == DB_OK && *held != '\0')
		fprintf(out, "event_id %s\n", held);
	return rc;
}
