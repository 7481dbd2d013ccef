/* SPDX-License-Identifier: MIT */
#ifndef WOS_SCOPE_H
#define WOS_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "db.h"
#include "event_id.h"
#include "names.h"
#include "stream/terms.h"

/*
 * What a cursor stands for: "of these types, of this organization or all,
 * everything up to here that the API still had".
 */

/* Before all times: from the oldest event that the API had. */
#define SCOPE_OLDEST INT64_MIN

/*
 * Of a row of sync_cursor: its event is none that the database has, as
 * scope_is_stray asks of one cursor, also in a schema of before.
 */
#define SCOPE_STRAY                                                            \
	"\"event_id\"<>COALESCE(\"fill_event_id\",'') AND "                    \
	"NOT EXISTS (SELECT 1 FROM \"events_cursor\" AS \"e\" WHERE "          \
	"\"e\".\"event_id\"=\"sync_cursor\".\"event_id\") AND "                \
	"NOT EXISTS (SELECT 1 FROM \"parked_event\" AS \"e\" WHERE "           \
	"\"e\".\"event_id\"=\"sync_cursor\".\"event_id\")"

enum scope_state {
	SCOPE_COVERED, /* everything from `since` on */
	SCOPE_FILLING, /* what came before the cursor is being fetched */
	SCOPE_REFUSED, /* the API did not take it when it was asked */
};

struct scope_type {
	char name[NAME_MOST + 1];
	enum scope_state state;
	int64_t since;       /* Unix ms, or SCOPE_OLDEST */
	int64_t refused_at;  /* likewise; only of a refused one */
	char refused_by[32]; /* the version that asked, likewise */
};

struct scope {
	char event_id[EVENT_ID_MAX + 1]; /* the cursor's, "" if there is none */
	int64_t event_at;                /* its time, or -1 */
	int64_t tail_seen_at;            /* or -1 */
	bool known; /* does all of this hold for the event it is at? */
	char organization[ORGANIZATION_MAX + 1]; /* "": all */
	char fill_event_id[EVENT_ID_MAX + 1];    /* how far filling came, */
	char fill_organization[ORGANIZATION_MAX + 1]; /* "": of all */
	struct scope_type *type;                      /* sorted by name */
	size_t ntypes;
};

/*
 * Reads what is known of a cursor; a database of an older version knows little.
 * Returns DB_OK, and then *s is for scope_free; or why not.
 */
enum db_result scope_read(struct db *db, const char *name, struct scope *s);
void scope_free(struct scope *s);

/*
 * Is the cursor's event none that the database has?  Then an old copy of a
 * database lies beside the log of a newer one, or somebody has written the
 * cursor by hand.  It is none any more once everything up to there has been
 * read again.
 */
enum db_result scope_is_stray(
    struct db *db, const struct scope *s, bool *stray);

/*
 * Cursors whose event the database does not have stand for nothing that is
 * known from now on.  It is to be called before a stream is applied, which may
 * bring the event, but not what came before it.
 */
enum db_result scope_distrust(struct db *db);

/* What it says of a type, or NULL. */
const struct scope_type *scope_find(const struct scope *s, const char *name);

/*
 * How many types are in this state; and when the last of those that are covered
 * begins, or SCOPE_OLDEST.
 */
int64_t scope_count(const struct scope *s, enum scope_state state);
int64_t scope_since(const struct scope *s);

/* Adds the types that are in this state. */
void scope_types(
    const struct scope *s, enum scope_state state, struct names *out);

/*
 * Does the stream ask for less than the cursor stands for?  Then these are the
 * types that are missing, or none if it is about another organization.
 */
bool scope_exceeds(
    const struct scope *s, const struct terms *t, struct names *missing);

/*
 * These write, in the caller's transaction, what the cursor of that name stands
 * for.
 *
 * scope_begin: there was no cursor, and now there is one, from a stream of
 * these terms.  Where that does not say from when on, or the cursor is not at
 * `event_id` but another program's, nothing is written.
 *
 * scope_refuse: the API has refused these.
 *
 * scope_fill: a back-fill of these types begins, and its place is kept; if it
 * goes on after an event, nothing is written.
 *
 * scope_filled: it has come to its end, and the cursor, which is at `event_id`,
 * stands for these types, too; or for these alone, if it was not known what it
 * stood for, or was for an organization only.
 */
enum db_result scope_begin(struct db *db, const char *name,
    const char *event_id, const struct terms *t);
enum db_result scope_refuse(
    struct db *db, const char *name, const struct names *types);
enum db_result scope_fill(
    struct db *db, const char *name, const struct terms *t);
enum db_result scope_filled(struct db *db, const char *name,
    const char *event_id, const struct scope *s, const struct terms *t);

#endif
