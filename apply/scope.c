/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "cursor_find.h"
#include "memory.h"
#include "scope.h"
#include "timestamp.h"

static const char *const state_names[] = {[SCOPE_COVERED] = "covered",
    [SCOPE_FILLING] = "filling",
    [SCOPE_REFUSED] = "refused"};

static int64_t
take_time(const struct value *v, int64_t none)
{
	return v->type == VALUE_INT ? v->i : none;
}

static void
take_cursor(void *arg, const struct value *row, size_t n)
{
	struct scope *s = arg;
	char scoped[EVENT_ID_MAX + 1];

	(void)n;
	value_copy(&row[0], s->event_id, sizeof s->event_id);
	s->event_at = take_time(&row[1], -1);
	s->tail_seen_at = take_time(&row[2], -1);
	value_copy(&row[3], scoped, sizeof scoped);
	value_copy(&row[4], s->organization, sizeof s->organization);
	value_copy(&row[5], s->fill_event_id, sizeof s->fill_event_id);
	value_copy(&row[6], s->fill_organization, sizeof s->fill_organization);
	s->known = *scoped != '\0' && strcmp(scoped, s->event_id) == 0;
}

static void
take_type(void *arg, const struct value *row, size_t n)
{
	struct scope *s = arg;
	struct scope_type t = {.since = take_time(&row[2], SCOPE_OLDEST),
	    .refused_at = take_time(&row[3], SCOPE_OLDEST)};
	char state[16];

	(void)n;
	value_copy(&row[0], t.name, sizeof t.name);
	value_copy(&row[1], state, sizeof state);
	value_copy(&row[4], t.refused_by, sizeof t.refused_by);
	while (t.state <= SCOPE_REFUSED &&
	       strcmp(state, state_names[t.state]) != 0)
		t.state++;
	if (*t.name == '\0' || t.state > SCOPE_REFUSED ||
	    s->ntypes == TERMS_TYPES_MOST)
		return; /* nothing that we have written */
	s->type = memory_more(s->type, s->ntypes + 1, sizeof *s->type);
	s->type[s->ntypes++] = t;
}

static int
by_name(const void *a, const void *b)
{
	const struct scope_type *x = a, *y = b;

	return strcmp(x->name, y->name);
}

enum db_result
scope_read(struct db *db, const char *name, struct scope *s)
{
	static struct query cursor = {
	    .sql = "SELECT \"event_id\",\"event_at\",\"tail_seen_at\","
		   "\"scope_event_id\",\"scope_organization_id\","
		   "\"fill_event_id\",\"fill_organization_id\" "
		   "FROM \"sync_cursor\" WHERE \"name\"=$1"};
	static struct query types = {
	    .sql = "SELECT \"event_type\",\"state\",\"since\",\"refused_at\","
		   "\"refused_by\" FROM \"cursor_scope\" WHERE \"name\"=$1"};
	static struct query older = {
	    .sql =
		"SELECT \"event_id\",\"event_at\",\"tail_seen_at\","
		"NULL,NULL,NULL,NULL FROM \"sync_cursor\" WHERE \"name\"=$1"};
	struct value key = value_text(name);
	enum db_result rc;

	*s = (struct scope){.event_at = -1, .tail_seen_at = -1};
	rc = db_select(db, &cursor, &key, 1, take_cursor, s);
	if (rc == DB_OK)
		rc = db_select(db, &types, &key, 1, take_type, s);
	else if (rc == DB_REFUSED)
		rc = db_select(db, &older, &key, 1, take_cursor, s);
	if (rc == DB_REFUSED && *s->event_id == '\0')
		rc = cursor_find(db, name, s->event_id);
	if (s->ntypes > 0)
		qsort(s->type, s->ntypes, sizeof *s->type, by_name);
	if (s->event_at == -1 && timestamp_of_ulid(s->event_id,
				     strlen(s->event_id), &s->event_at) == -1)
		s->event_at = -1;
	return rc == DB_REFUSED ? DB_OK : rc;
}

void
scope_free(struct scope *s)
{
	free(s->type);
	*s = (struct scope){0};
}

enum db_result
scope_is_stray(struct db *db, const struct scope *s, bool *stray)
{
	static struct query ledger = {.sql = "SELECT 1 FROM \"events_cursor\" "
					     "WHERE \"event_id\"=$1"};
	static struct query parked = {.sql = "SELECT 1 FROM \"parked_event\" "
					     "WHERE \"event_id\"=$1"};
	struct value id = value_text(s->event_id);
	bool there =
	    *s->event_id == '\0' || strcmp(s->event_id, s->fill_event_id) == 0;
	enum db_result rc = DB_OK;

	if (!there)
		rc = db_any(db, &ledger, &id, 1, &there);
	if (rc == DB_OK && !there)
		rc = db_any(db, &parked, &id, 1, &there);
	*stray = !there && rc == DB_OK;
	return rc == DB_REFUSED ? DB_OK : rc; /* there is no such table */
}

enum db_result
scope_distrust(struct db *db)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"scope_event_id\"=NULL,"
		   "\"fill_event_id\"=NULL WHERE " SCOPE_STRAY};
	enum db_result rc = db_begin(db);

	if (rc == DB_OK)
		rc = db_run(db, &q, NULL, 0, NULL);
	return db_end(db, rc);
}

const struct scope_type *
scope_find(const struct scope *s, const char *name)
{
	struct scope_type key;

	if (s->ntypes == 0)
		return NULL;
	snprintf(key.name, sizeof key.name, "%s", name);
	return bsearch(&key, s->type, s->ntypes, sizeof *s->type, by_name);
}

int64_t
scope_count(const struct scope *s, enum scope_state state)
{
	int64_t n = 0;

	for (size_t i = 0; i < s->ntypes; i++)
		n += s->type[i].state == state;
	return n;
}

int64_t
scope_since(const struct scope *s)
{
	int64_t latest = SCOPE_OLDEST;

	for (size_t i = 0; i < s->ntypes; i++)
		if (s->type[i].state == SCOPE_COVERED &&
		    s->type[i].since > latest)
			latest = s->type[i].since;
	return latest;
}

void
scope_types(const struct scope *s, enum scope_state state, struct names *out)
{
	for (size_t i = 0; i < s->ntypes; i++)
		if (s->type[i].state == state)
			names_add(
			    out, s->type[i].name, strlen(s->type[i].name));
}

bool
scope_exceeds(
    const struct scope *s, const struct terms *t, struct names *missing)
{
	const struct scope_type *type = s->type;

	if (*t->organization != '\0' &&
	    strcmp(t->organization, s->organization) != 0)
		return true;
	for (size_t n = s->ntypes; n > 0; n--, type++)
		if (type->state == SCOPE_COVERED &&
		    !names_have(&t->types, type->name))
			names_add(missing, type->name, strlen(type->name));
	return missing->n > 0;
}

static struct value
value_time(int64_t ms)
{
	return ms == SCOPE_OLDEST ? value_text(NULL) : value_int(ms);
}

/*
 * Writes the row of a type as it is from now on, but only if the cursor is at
 * that event, or whatever it is at if that is "".
 */
static enum db_result
put_type(struct db *db, const char *name, const char *at, const char *type,
    enum scope_state state, int64_t since)
{
	static const struct query q = {
	    .sql = "INSERT INTO \"cursor_scope\" (\"name\",\"event_type\","
		   "\"state\",\"since\",\"asked_at\",\"refused_at\","
		   "\"refused_by\") SELECT $1,$2,$3,$4,$5,$6,$7 "
		   "WHERE $8='' OR EXISTS (SELECT 1 FROM \"sync_cursor\" "
		   "WHERE \"name\"=$9 AND \"event_id\"=$10) "
		   "ON CONFLICT (\"name\",\"event_type\") DO UPDATE SET "
		   "\"state\"=excluded.\"state\",\"since\"=excluded.\"since\","
		   "\"refused_at\"=excluded.\"refused_at\","
		   "\"refused_by\"=excluded.\"refused_by\""};
	bool refused = state == SCOPE_REFUSED;
	int64_t now = time_now();

	return db_run(db, &q,
	    (struct value[]){value_text(name), value_text(type),
		value_text(state_names[state]), value_time(since),
		value_int(now), refused ? value_int(now) : value_text(NULL),
		value_text(refused ? WOS_VERSION : NULL), value_text(at),
		value_text(name), value_text(at)},
	    10, NULL);
}

/* The same of several, without some others if that is not NULL. */
static enum db_result
put_each(struct db *db, const char *name, const char *at,
    const struct names *types, const struct names *without,
    enum scope_state state, int64_t since)
{
	enum db_result rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < types->n; i++)
		if (without == NULL || !names_have(without, types->name[i]))
			rc = put_type(
			    db, name, at, types->name[i], state, since);
	return rc;
}

static enum db_result
put_types(struct db *db, const char *name, const char *at,
    const struct terms *t, enum scope_state state, int64_t since)
{
	enum db_result rc =
	    put_each(db, name, at, &t->types, &t->refused, state, since);

	return rc == DB_OK ? put_each(db, name, at, &t->refused, NULL,
				 SCOPE_REFUSED, SCOPE_OLDEST)
			   : rc;
}

/* From when on the stream has everything; false if that can't be told. */
static bool
find_since(const struct terms *t, int64_t *since)
{
	switch (t->begins) {
	case BEGINS_OLDEST:
		*since = SCOPE_OLDEST;
		return true;
	case BEGINS_AT:
	case BEGINS_RANGE:
		*since = t->since;
		return true;
	case BEGINS_AFTER:
		return timestamp_of_ulid(t->after, strlen(t->after), since) ==
		       0;
	default:
		return false;
	}
}

/* A cursor of that name, which somebody has taken away, left these behind. */
static enum db_result
forget_former(struct db *db, const char *name, const char *event_id)
{
	static const struct query q = {
	    .sql = "DELETE FROM \"cursor_scope\" WHERE \"name\"=$1 AND "
		   "EXISTS (SELECT 1 FROM \"sync_cursor\" WHERE "
		   "\"name\"=$2 AND \"event_id\"=$3)"};

	return db_run(db, &q,
	    (struct value[]){
		value_text(name), value_text(name), value_text(event_id)},
	    3, NULL);
}

enum db_result
scope_begin(struct db *db, const char *name, const char *event_id,
    const struct terms *t)
{
	static const struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET "
		   "\"scope_event_id\"=\"event_id\","
		   "\"scope_organization_id\"=$1 "
		   "WHERE \"name\"=$2 AND \"event_id\"=$3"};
	const char *organization = *t->organization ? t->organization : NULL;
	enum db_result rc;
	int64_t since;

	rc = forget_former(db, name, event_id);
	if (rc != DB_OK || !find_since(t, &since))
		return rc;
	rc = put_types(db, name, event_id, t, SCOPE_COVERED, since);
	if (rc != DB_OK)
		return rc;
	return db_run(db, &q,
	    (struct value[]){value_text(organization), value_text(name),
		value_text(event_id)},
	    3, NULL);
}

enum db_result
scope_refuse(struct db *db, const char *name, const struct names *types)
{
	return put_each(db, name, "", types, NULL, SCOPE_REFUSED, SCOPE_OLDEST);
}

/* Forgets what is being filled, which from now on is of that organization. */
static enum db_result
forget_filling(struct db *db, const char *name, const char *organization)
{
	static struct query types = {
	    .sql = "DELETE FROM \"cursor_scope\" WHERE \"name\"=$1 "
		   "AND \"state\"='filling'"};
	static struct query place = {
	    .sql = "UPDATE \"sync_cursor\" SET \"fill_event_id\"=NULL,"
		   "\"fill_organization_id\"=$1 WHERE \"name\"=$2"};
	struct value key = value_text(name);
	struct value of = value_text(*organization ? organization : NULL);
	enum db_result rc = db_run(db, &types, &key, 1, NULL);

	return rc == DB_OK
		   ? db_run(db, &place, (struct value[]){of, key}, 2, NULL)
		   : rc;
}

enum db_result
scope_fill(struct db *db, const char *name, const struct terms *t)
{
	enum db_result rc;
	int64_t since;

	if (t->begins == BEGINS_AFTER || !find_since(t, &since))
		return DB_OK;
	rc = forget_filling(db, name, t->organization);
	return rc == DB_OK ? put_types(db, name, "", t, SCOPE_FILLING, since)
			   : rc;
}

/* All that the cursor stood for before is not known, or about less. */
static enum db_result
forget_others(struct db *db, const char *name)
{
	static struct query q = {
	    .sql = "DELETE FROM \"cursor_scope\" WHERE \"name\"=$1 "
		   "AND \"state\"='covered'"};
	struct value key = value_text(name);

	return db_run(db, &q, &key, 1, NULL);
}

enum db_result
scope_filled(struct db *db, const char *name, const char *event_id,
    const struct scope *s, const struct terms *t)
{
	static struct query types = {
	    .sql = "UPDATE \"cursor_scope\" SET \"state\"='covered' "
		   "WHERE \"name\"=$1 AND \"state\"='filling'"};
	static struct query cursor = {
	    .sql = "UPDATE \"sync_cursor\" SET \"scope_event_id\"=$1,"
		   "\"scope_organization_id\"=$2,\"fill_event_id\"="
		   "CASE WHEN EXISTS (SELECT 1 FROM \"events_cursor\" "
		   "WHERE \"event_id\"=$3) THEN NULL ELSE $4 END "
		   "WHERE \"name\"=$5 AND \"event_id\"=$6"};
	bool replaces =
	    !s->known || strcmp(s->organization, t->organization) != 0;
	struct value key = value_text(name), id = value_text(event_id);
	const char *organization = *t->organization ? t->organization : NULL;
	enum db_result rc = scope_refuse(db, name, &t->refused);

	if (rc == DB_OK && replaces)
		rc = forget_others(db, name);
	if (rc == DB_OK)
		rc = db_run(db, &types, &key, 1, NULL);
	if (rc != DB_OK)
		return rc;
	return db_run(db, &cursor,
	    (struct value[]){id, value_text(organization), id, id, key, id}, 6,
	    NULL);
}
