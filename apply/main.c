/* SPDX-License-Identifier: MIT */
/*
 * wos-apply: run the SQL that wos-decode writes, in transactions, and keep
 * the cursor.  Trusts its database, and nothing that it reads.
 */
#include "answers.h"
#include "database.h"
#include "descriptors.h"
#include "files.h"
#include "log.h"
#include "options.h"
#include "retry.h"
#include "status.h"
#include "stream/shape.h"
#include "trace/trace.h"

#define ARGUMENT .argument = true

/* What can be asked, by which option; without one, files are applied. */
static const struct question questions[] = {
    {NULL, .files = true, .run = files_apply,
	.with = "--after --batch --cursor-name --dry-run --fill --json "
		"--no-cursor --report --restart"},
    {"--cursor", .opens = OPENS_READ, .answer = answer_cursor,
	.with = "--cursor-name"},
    {"--cursor-info", .opens = OPENS_READ, .answer = answer_cursor_info,
	.with = "--cursor-name"},
    {"--export", .opens = OPENS_READ, .answer = answer_export},
    {"--gap", ARGUMENT, .opens = OPENS_CHANGE, .answer = answer_gap,
	.with = "--cursor-name"},
    {"--name", .run = answer_name},
    {"--parked", .opens = OPENS_READ, .answer = answer_parked,
	.with = "--before --kind"},
    {"--parked-drop", ARGUMENT, .opens = OPENS_CHANGE,
	.answer = answer_parked_drop},
    {"--parked-drop-all", .opens = OPENS_CHANGE, .run = answer_parked_drop_all,
	.with = "--before --kind"},
    {"--parked-retry", .opens = OPENS_CHANGE, .run = answer_parked_retry,
	.with = "--batch"},
    {"--plan", .opens = OPENS_READ, .not_there = true, .answer = answer_plan,
	.with = "--cursor-name --now --quiet"},
    {"--sample", .opens = OPENS_READ, .answer = answer_sample},
    {"--schema", ARGUMENT, .no_database = true, .run = answer_schema},
    {"--status", .opens = OPENS_READ, .answer = answer_status,
	.with = "--days --now"},
    {"--tail-seen", ARGUMENT, .opens = OPENS_CHANGE, .answer = answer_tail_seen,
	.with = "--cursor-name"},
};

/* What notes something does so in its turn among those who write. */
static enum db_result
note(struct db *db, const struct options *o)
{
	enum db_result rc = db_begin(db);

	if (rc == DB_OK)
		rc = o->question->answer(db, o);
	if (rc == DB_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

/* What looks at a database is to be believed if nobody has disturbed it. */
static enum db_result
look(struct db *db, const struct options *o)
{
	enum db_result rc = o->question->answer(db, o);

	return rc == DB_OK && db != NULL ? db_sync(db) : rc;
}

/* Opens the database, and has the question answered by what it says. */
static int
ask(const struct options *o)
{
	bool changes = o->question->opens == OPENS_CHANGE;
	struct db *db = database_open(o, changes ? DB_CHANGE : DB_READ);
	enum db_result rc = DB_OK;
	int status = STATUS_DONE;

	if (o->question->run != NULL)
		status = o->question->run(db, o);
	else if (changes)
		rc = note(db, o);
	else if (db != NULL || o->question->not_there)
		rc = look(db, o);
	descriptors_flush();
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	if (db != NULL)
		shapes_release(db);
	db_close(db);
	return status;
}

int
main(int argc, char **argv)
{
	static struct name name; /* still there when the program is ended */
	struct options o;
	int status;

	log_init();
	descriptors_keep();
	retry_init(argv[0]);
	options_parse(
	    &o, questions, sizeof questions / sizeof *questions, argc, argv);
	db_busy_ms = o.busy_ms;
	if (!o.question->no_database)
		database_name(&o, &name);
	if (o.question->opens == OPENS_NOTHING)
		status = o.question->run(NULL, &o);
	else
		status = ask(&o);
	name_release(&name);
	trace_exiting(status);
	return status;
}
