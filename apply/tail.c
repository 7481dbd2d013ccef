/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "tail.h"

/*
 * The API's clock has a say in when the end was seen, and in when the cursor
 * moved only if this machine's was ahead by more than clocks differ.
 */
enum db_result
tail_note(struct db *db, const char *name, int64_t ms)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"tail_seen_at\"=$1,"
		   "\"moved_at\"=CASE WHEN \"moved_at\">$2 THEN $3 "
		   "ELSE \"moved_at\" END WHERE \"name\"=$4"};

	return db_run(db, &q,
	    (struct value[]){value_int(ms), value_int(ms + CLOCKS_DIFFER_MS),
		value_int(ms), value_text(name)},
	    4, NULL);
}

enum db_result
tail_record(struct db *db, const struct options *o)
{
	const char *text = o->argument;

	return tail_note(db, o->cursor, options_ms("--tail-seen", &text, '\0'));
}

/*
 * A gap that nobody has dealt with yet keeps its beginning; two equal times end
 * it.
 */
enum db_result
tail_record_gap(struct db *db, const struct options *o)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"gap_from\"="
		   "CASE WHEN \"gap_to\">$1 AND \"gap_from\"<$2 "
		   "THEN \"gap_from\" ELSE $3 END,\"gap_to\"=$4 "
		   "WHERE \"name\"=$5"};

	const char *text = o->argument;
	int64_t from = options_ms("--gap", &text, ':');
	int64_t to = options_ms("--gap", &text, '\0');

	return db_run(db, &q,
	    (struct value[]){value_int(from < to ? 0 : INT64_MAX),
		value_int(from), value_int(from), value_int(to),
		value_text(o->cursor)},
	    5, NULL);
}
