/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cursor_find.h"
#include "listing.h"

/* A table's name and an object's id are made as an event's id is. */
static void
put_ended(void *arg, const struct value *row, size_t n)
{
	(void)arg, (void)n;
	if (!event_id_is_value(&row[0]))
		return;
	if (row[1].type == VALUE_TEXT && row[1].len == 0)
		printf("%.*s\n", (int)row[0].len, row[0].text);
	else if (event_id_is_value(&row[1]))
		printf("%.*s %.*s\n", (int)row[0].len, row[0].text,
		    (int)row[1].len, row[1].text);
}

enum db_result
listing_begin(struct db *db, const struct options *o)
{
	static struct query begin = {
	    .sql = "INSERT INTO \"listing\" (\"name\",\"since\") SELECT 'all',"
		   "COALESCE(MAX(\"listed_at\"),0) FROM \"listed\" WHERE 1=1 "
		   "ON CONFLICT (\"name\") DO NOTHING"};
	static struct query ended = {
	    .sql = "SELECT \"object\",\"parent\" FROM \"listed\" WHERE "
		   "\"listed_at\">(SELECT MAX(\"since\") FROM \"listing\") "
		   "ORDER BY \"object\",\"parent\"",
	    .rows_of = "listed"};
	enum db_result rc = db_run(db, &begin, NULL, 0, NULL);

	(void)o;
	return rc == DB_OK ? db_select(db, &ended, NULL, 0, put_ended, NULL)
			   : rc;
}

enum db_result
listing_end(struct db *db, const struct options *o)
{
	static struct query q = {.sql = "DELETE FROM \"listing\""};

	(void)o;
	return db_run(db, &q, NULL, 0, NULL);
}

/* A database of an older version has no such table, and so no rows. */
static enum db_result
any(struct db *db, const struct query *q, bool *found)
{
	enum db_result rc = db_any(db, q, NULL, 0, found);

	return rc == DB_REFUSED ? DB_OK : rc;
}

enum db_result
listing_goes_on(struct db *db, bool *on)
{
	static struct query q = {.sql = "SELECT 1 FROM \"listing\" LIMIT 1"};

	return any(db, &q, on);
}

enum db_result
listing_is_first(struct db *db, bool *first)
{
	static struct query q = {.sql = "SELECT 1 FROM \"listed\" LIMIT 1"};
	bool found;
	enum db_result rc = any(db, &q, &found);

	*first = rc == DB_OK && !found;
	return rc;
}
