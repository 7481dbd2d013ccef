/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cursor.h"
#include "options.h"

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

	*bad = !event_id_is_value(&row[0]);
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
		return cursor_refuse(db, o->cursor);
	if (rc != DB_REFUSED)
		return rc;
	/* An older schema, or the replaced system's: there is only the id. */
	rc = cursor_find(db, o->cursor, held);
	if (rc == DB_OK && *held != '\0')
		printf("event_id %s\n", held);
	return rc;
}
