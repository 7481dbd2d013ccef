/* SPDX-License-Identifier: MIT */
/*
 * wos-apply: run the SQL that wos-decode writes, in transactions, and keep
 * the cursor.  Trusts its database, and nothing that it reads.
 */
#include <stdio.h>
#include <string.h>

#include "cursor.h"
#include "database.h"
#include "ddl.h"
#include "descriptors.h"
#include "export.h"
#include "files.h"
#include "lock.h"
#include "log.h"
#include "metrics.h"
#include "name.h"
#include "options.h"
#include "parked.h"
#include "plan.h"
#include "retry.h"
#include "sample.h"
#include "say.h"
#include "status.h"
#include "status_report.h"
#include "tail.h"
#include "trace/trace.h"

static int
print_schema(struct db *db, const struct options *o)
{
	struct buf out = {0};

	(void)db;
	if (strcmp(o->argument, "sqlite") == 0)
		ddl_schema(&out, DIALECT_SQLITE);
	else if (strcmp(o->argument, "postgres") == 0)
		ddl_schema(&out, DIALECT_POSTGRES);
	else
		log_errx(STATUS_USAGE,
		    "--schema: neither sqlite nor postgres: %s", o->argument);
	fwrite(out.p, 1, out.len, stdout);
	buf_free(&out);
	return descriptors_flush();
}

/* What can be asked, by which option; without one, files are applied. */
static const struct question questions[] = {
    {NULL, .files = true, .run = files_apply,
	.with = "--after --batch --cursor-name --dry-run --fill --json "
		"--no-cursor --report --restart --verify"},
    {"--cursor", .opens = OPENS_READ, .answer = cursor_print,
	.with = "--cursor-name"},
    {"--cursor-info", .opens = OPENS_READ, .answer = cursor_print_info,
	.with = "--cursor-name"},
    {"--export", .opens = OPENS_READ, .answer = export_print},
    {"--gap", .argument = true, .opens = OPENS_CHANGE,
	.answer = tail_record_gap, .with = "--cursor-name"},
    {"--lock", .argument = true, .no_database = true, .run = lock_take},
    {"--lock-file", .run = lock_print},
    {"--metrics", .argument = true, .run = metrics_write,
	.with = "--began --cursor-name --exit-status --follow"},
    {"--name", .run = name_print},
    {"--parked", .opens = OPENS_READ, .answer = parked_print,
	.with = "--before --kind"},
    {"--parked-drop", .argument = true, .opens = OPENS_CHANGE,
	.run = parked_drop},
    {"--parked-drop-all", .opens = OPENS_CHANGE, .run = parked_drop,
	.with = "--before --kind"},
    {"--parked-retry", .opens = OPENS_CHANGE, .run = retry_parked,
	.with = "--batch"},
    {"--plan", .opens = OPENS_READ, .not_there = true, .answer = plan_print,
	.with = "--cursor-name --now --quiet"},
    {"--sample", .opens = OPENS_READ, .answer = sample_print},
    {"--say", .argument = true, .no_database = true, .files = true, .run = say},
    {"--schema", .argument = true, .no_database = true, .run = print_schema},
    {"--status", .opens = OPENS_READ, .answer = status_print,
	.with = "--behind --cursor-name --days --json --now --stale"},
    {"--tail-seen", .argument = true, .opens = OPENS_CHANGE,
	.answer = tail_record, .with = "--cursor-name"},
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
