/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>

#include "cursor_find.h"
#include "sample.h"

/*
 * How many of each sort below.  One that the API knows will do, and the others
 * may have been deleted since; wos-fetch --known takes 20 in all, KNOWN_MAX
 * there.
 */
#define OBJECTS_MOST "5"
#define NAMED_MOST "2"

#define NEWEST(kind, table, column, most)                                      \
	{                                                                      \
		.sql = "SELECT '" kind "',\"" column "\" FROM \"" table        \
		       "\" WHERE \"" column                                    \
		       "\" IS NOT NULL ORDER BY \"event_at\" DESC LIMIT " most \
	}

/* Users and organizations that have rows. */
static struct query objects[] = {NEWEST("user", "user", "id", OBJECTS_MOST),
    NEWEST("organization", "organization", "id", OBJECTS_MOST)};

/* A database of fewer types may know them by name alone. */
static struct query named[] = {NEWEST("user", "session", "user_id", NAMED_MOST),
    NEWEST("organization", "organization_membership", "organization_id",
	NAMED_MOST),
    NEWEST("organization", "connection", "organization_id", NAMED_MOST),
    NEWEST("organization", "directory", "organization_id", NAMED_MOST),
    NEWEST("organization", "directory_user", "organization_id", NAMED_MOST)};

/* An older database has no such table. */
static enum db_result
ask(struct db *db, struct query *q, size_t n, db_row_fn *row, void *arg)
{
	enum db_result rc = DB_OK;

	for (; n > 0 && (rc == DB_OK || rc == DB_REFUSED); n--)
		rc = db_select(db, q++, NULL, 0, row, arg);
	return rc == DB_REFUSED ? DB_OK : rc;
}

/* What stands around a kind and an id, for who reads them. */
struct layout {
	const char *before, *between, *after;
};

/* An object's id is made as an event's is. */
static void
put_object(void *arg, const struct value *row, size_t n)
{
	const struct layout *l = arg;

	(void)n;
	if (event_id_is_value(&row[1]))
		printf("%s%.*s%s%.*s%s", l->before, (int)row[0].len,
		    row[0].text, l->between, (int)row[1].len, row[1].text,
		    l->after);
}

static enum db_result
put_objects(struct db *db, struct layout l)
{
	enum db_result rc =
	    ask(db, objects, sizeof objects / sizeof *objects, put_object, &l);

	if (rc == DB_OK)
		rc = ask(
		    db, named, sizeof named / sizeof *named, put_object, &l);
	return rc;
}

enum db_result
sample_print(struct db *db, const struct options *o)
{
	(void)o;
	return put_objects(db, (struct layout){"", " ", "\n"});
}

enum db_result
sample_put_options(struct db *db)
{
	return put_objects(db, (struct layout){" --if-known ", "=", ""});
}

static void
note_row(void *arg, const struct value *row, size_t n)
{
	(void)row, (void)n;
	*(bool *)arg = true;
}

enum db_result
sample_find(struct db *db, struct sample_found *found)
{
	enum db_result rc;

	*found = (struct sample_found){0};
	rc = ask(db, objects, sizeof objects / sizeof *objects, note_row,
	    &found->objects);
	found->any = found->objects;
	if (rc == DB_OK && !found->any)
		rc = ask(db, named, sizeof named / sizeof *named, note_row,
		    &found->any);
	return rc;
}
