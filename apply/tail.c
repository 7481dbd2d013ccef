/* SPDX-License-Identifier: MIT */
#include "tail.h"

enum db_result
tail_note(struct db *db, const char *name, int64_t ms)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"tail_seen_at\"=$1 "
		   "WHERE \"name\"=$2"};

	return db_run(
	    db, &q, (struct value[]){value_int(ms), value_text(name)}, 2, NULL);
}

enum db_result
tail_record(struct db *db, const struct options *o)
{
	const char *text = o->argument;

	return tail_note(db, o->cursor, options_ms("--tail-seen", &text, '\0'));
}

enum db_result
tail_record_gap(struct db *db, const struct options *o)
{
	static struct query q = {
	    .sql = "UPDATE \"sync_cursor\" SET \"gap_from\"=$1,"
		   "\"gap_to\"=$2 WHERE \"name\"=$3"};

	const char *text = o->argument;
	int64_t from = options_ms("--gap", &text, ':');
	int64_t to = options_ms("--gap", &text, '\0');

	return db_run(db, &q,
	    (struct value[]){
		value_int(from), value_int(to), value_text(o->cursor)},
	    3, NULL);
}
