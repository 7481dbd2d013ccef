/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cursor_find.h"
#include "sample.h"

/*
 * How many of each of the four sorts below.  One that the API knows will do,
 * and the others may have been deleted since; wos-fetch --known takes 20 in
 * all, KNOWN_MAX there.
 */
#define SAMPLE_MOST "5"

/* An object's id is made as an event's is. */
static void
put_object(void *arg, const struct value *row, size_t n)
{
	(void)arg, (void)n;
	if (event_id_is_value(&row[1]))
		printf("%.*s %.*s\n", (int)row[0].len, row[0].text,
		    (int)row[1].len, row[1].text);
}

/* A database of fewer types may know users and organizations by name alone. */
#define NEWEST(kind, table, column)                                            \
	"SELECT \"kind\",\"id\" FROM (SELECT '" kind "' AS \"kind\",\"" column \
	"\" AS \"id\" FROM \"" table "\" WHERE \"" column                      \
	"\" IS NOT NULL ORDER BY \"event_at\" DESC "                           \
	"LIMIT " SAMPLE_MOST ") AS \"newest\""

enum db_result
sample_print(struct db *db, const struct options *o)
{
	static struct query q = {
	    .sql = NEWEST("user", "user", "id") " UNION ALL " NEWEST(
		"organization", "organization",
		"id") " UNION ALL " NEWEST("user", "session",
		"user_id") " UNION ALL " NEWEST("organization", "session",
		"organization_id")};
	enum db_result rc = db_select(db, &q, NULL, 0, put_object, NULL);

	(void)o;
	return rc == DB_REFUSED ? DB_OK : rc;
}
