/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cursor.h"
#include "options.h"

/* What is no event's id stands for another that is none, either. */
#define NO_ID " "

static struct query find = {
    .sql = "SELECT \"event_id\" FROM \"sync_cursor\" WHERE \"name\"=$1"};

bool
event_id_is_sound(const char *text, size_t len)
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
	(void)n;
	if (row[0].type == VALUE_TEXT &&
	    event_id_is_sound(row[0].text, row[0].len))
		value_copy(&row[0], arg, EVENT_ID_MAX + 1);
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
cursor_print(struct db *db, const struct options *o)
{
	char held[EVENT_ID_MAX + 1];
	enum db_result rc = cursor_find(db, o->cursor, held);

	if (rc == DB_OK && *held != '\0')
		puts(held);
	return rc;
}

static const char *const known[] = {
    "event_id", "event_at", "moved_at", "tail_seen_at", "gap_from", "gap_to"};

/* An id and numbers: what else a table may hold there is not known. */
static void
print_known(void *arg, const struct value *row, size_t n)
{
	bool *bad = arg; /* it holds no event's id: nothing is printed */

	*bad = row[0].type != VALUE_TEXT ||
	       !event_id_is_sound(row[0].text, row[0].len);
	if (*bad)
		return;
	printf("%s %.*s\n", known[0], (int)row[0].len, row[0].text);
	for (size_t i = 1; i < n; i++)
		if (row[i].type == VALUE_INT)
			printf("%s %" PRId64 "\n", known[i], row[i].i);
}

enum db_result
cursor_print_info(struct db *db, const struct options *o)
{
	static struct query q = {
	    .sql = "SELECT \"event_id\",\"event_at\",\"moved_at\","
		   "\"tail_seen_at\",\"gap_from\",\"gap_to\" "
		   "FROM \"sync_cursor\" WHERE \"name\"=$1"};
	char held[EVENT_ID_MAX + 1];
	struct value key = value_text(o->cursor);
	bool bad = false;
	enum db_result rc = db_select(db, &q, &key, 1, print_known, &bad);

	if (rc == DB_OK && bad)
		return refuse_id(db, o->cursor);
	if (rc != DB_REFUSED)
		return rc;
	/* An older schema, or the replaced system's: there is only the id. */
	rc = cursor_find(db, o->cursor, held);
	if (rc == DB_OK && *held != '\0')
		printf("event_id %s\n", held);
	return rc;
}
