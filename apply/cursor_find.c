/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cursor_find.h"

/* What is no event's id stands for another that is none, either. */
#define NO_ID " "

static const struct query find = {
    .sql = "SELECT \"event_id\" FROM \"sync_cursor\" WHERE \"name\"=$1"};

bool
event_id_is_value(const struct value *v)
{
	return v->type == VALUE_TEXT && event_id_is_sound(v->text, v->len);
}

/* The caller holds an id, in *out; it is "" if there is none. */
static void
take_id(void *arg, const struct value *row, size_t n)
{
	(void)n;
	if (event_id_is_value(&row[0]))
		value_copy(&row[0], arg, EVENT_ID_MAX + 1);
	else
		memcpy(arg, NO_ID, sizeof NO_ID);
}

enum db_result
cursor_refuse(struct db *db, const char *name)
{
	snprintf(db->why, sizeof db->why,
	    "the cursor %.100s holds no event's id", name);
	return DB_FAILED;
}

enum db_result
cursor_find(struct db *db, const char *name, char held[EVENT_ID_MAX + 1])
{
	static const struct query newest = {
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
		rc = cursor_refuse(db, name);
	return rc == DB_REFUSED ? DB_OK : rc;
}
