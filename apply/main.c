/* SPDX-License-Identifier: MIT */
/*
 * wos-apply: run the SQL that wos-decode writes, in transactions, and keep
 * the cursor.  Trusts its database, and nothing that it reads.
 */
#include <stdio.h>
#include <string.h>

#include "after.h"
#include "carry.h"
#include "check.h"
#include "cursor.h"
#include "database.h"
#include "descriptors.h"
#include "erase/erase.h"
#include "export.h"
#include "files.h"
#include "listing.h"
#include "lock.h"
#include "log.h"
#include "metrics.h"
#include "models/models.h"
#include "name.h"
#include "options.h"
#include "parked.h"
#include "plan.h"
#include "prune/prune.h"
#include "retry.h"
#include "run.h"
#include "sample.h"
#include "say.h"
#include "status.h"
#include "status_report.h"
#include "tail.h"
#include "trace/trace.h"
#include "verified.h"

static int
print_schema(struct db *db, const struct options *o)
{
	struct buf out = {0};

	(void)db;
	if (models_print(&out, o->argument) == -1) {
		models_names(&out);
		log_errx(STATUS_USAGE, "--schema: none of %s: %s",
		    buf_str(&out), o->argument);
	}
	fwrite(out.p, 1, out.len, stdout);
	buf_free(&out);
	return descriptors_flush();
}

/* What can be asked, by which option; without one, files are applied. */
static const struct question questions[] = {
    {NULL, .files = true, .decodes = true, .run = files_apply,
	.with = "--after --batch --began --changes --cursor-name --dry-run "
		"--empty --fill --json --no-cursor --notify --report --restart "
		"--verify"},
    {"--cursor", NULL, "print the event id that the cursor holds",
	.opens = OPENS_READ, .answer = cursor_print, .with = "--cursor-name"},
    {"--check", NULL,
	"print whether all is there that it needs, for wos-doctor",
	.run = check_print, .with = "--behind"},
    {"--cursor-info", NULL, "print what is known of it", .opens = OPENS_READ,
	.answer = cursor_print_info, .with = "--cursor-name"},
    {"--tail-seen", "TIME", "record when nothing came after it",
	.opens = OPENS_CHANGE, .answer = tail_record, .with = "--cursor-name"},
    {"--gap", "FROM:TO", "record that events may be missing",
	.opens = OPENS_CHANGE, .answer = tail_record_gap,
	.with = "--cursor-name"},
    {"--erase", "FILE", "forget the people whose ids or addresses it has",
	.run = erase_people, .with = "--dry-run --now"},
    {"--export", NULL, "print the events applied, as JSON lines",
	.opens = OPENS_READ, .answer = export_print, .with = "--until"},
    {"--changes-after", "EVENT_ID", "tell again what has changed since",
	.opens = OPENS_READ, .run = after_print, .decodes = true, .feeds = true,
	.not_there = true},
    {"--forgotten", NULL, "print what was erased and pruned, for wos-rebuild",
	.opens = OPENS_READ, .answer = carry_print},
    {"--forgotten-add", NULL, "and note it, says standard input",
	.opens = OPENS_CHANGE, .run = carry_add},
    {"--parked", NULL, "list what is parked", .opens = OPENS_READ,
	.answer = parked_print, .with = "--before --kind"},
    {"--parked-retry", NULL, "decode and apply it again", .opens = OPENS_CHANGE,
	.run = retry_parked, .decodes = true,
	.with = "--batch --changes --notify"},
    {"--parked-drop", "ID", "print it, then forget it", .opens = OPENS_CHANGE,
	.run = parked_drop},
    {"--parked-drop-all", NULL, "do so with all that is parked",
	.opens = OPENS_CHANGE, .run = parked_drop, .with = "--before --kind"},
    {"--name", NULL, "print how the database may be called", .run = name_print},
    {"--schema", "FORM", "print the DDL for sqlite or postgres, or models",
	.no_database = true, .run = print_schema},
    {"--plan", NULL, "what a run has to do, for wos-sync", .opens = OPENS_READ,
	.not_there = true, .answer = plan_print,
	.with = "--cursor-name --locking --margin --now"},
    {"--prune", "AGE", "forget payloads that are older and needed no more",
	.opens = OPENS_CHANGE, .run = prune_run, .with = "--facts --now"},
    {"--list-begin", NULL, "everything is being listed; print what has been",
	.opens = OPENS_WRITE, .answer = listing_begin},
    {"--list-end", NULL, "everything has been listed", .opens = OPENS_CHANGE,
	.answer = listing_end},
    {"--lock-file", NULL, "print the file that a run locks", .run = lock_print,
	.with = "--listing"},
    {"--lock", "FD", "lock it", .no_database = true, .run = lock_take},
    {"--metrics", "FILE", "write what became of a run there",
	.run = metrics_write,
	.with = "--began --cursor-name --exit-status --follow"},
    {"--run-begin", NULL, "note that a run of wos-sync begins; print when",
	.run = run_begin, .with = "--cursor-name --now"},
    {"--run-end", "STATUS", "note how it ended, and print why it failed",
	.run = run_end, .with = "--began --cursor-name --now"},
    {"--say", "LEVEL", "print a message", .no_database = true, .files = true,
	.run = say},
    {"--nearest", "WORD", "print which of the words behind it was meant",
	.no_database = true, .files = true, .run = say_nearest},
    {"--sample", NULL, "print some of the newest objects", .opens = OPENS_READ,
	.answer = sample_print},
    {"--status", NULL, "print how it is, for wos-status", .opens = OPENS_READ,
	.answer = status_print,
	.with = "--behind --cursor-name --days --json --now --stale"},
    {"--verify-begin", "[=TABLES]", "these are compared; print the time",
	.opens = OPENS_CHANGE, .answer = verified_begin, .with = "--now"},
    {"--verify-end", "TIME", "and this was found, says standard input",
	.opens = OPENS_CHANGE, .answer = verified_end, .with = "--repaired"},
};

/* What notes something does so in its turn among those who write. */
static enum db_result
note(struct db *db, const struct options *o)
{
	enum db_result rc = db_begin(db);

	if (rc == DB_OK)
		rc = o->question->answer(db, o);
	return db_end(db, rc);
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
	static const enum db_mode modes[] = {[OPENS_READ] = DB_READ,
	    [OPENS_CHANGE] = DB_CHANGE,
	    [OPENS_WRITE] = DB_WRITE};
	struct db *db = database_open_feed(o, modes[o->question->opens]);
	enum db_result rc = DB_OK;
	int status = STATUS_DONE;

	if (o->question->run != NULL)
		status = database_end(db, o, o->question->run(db, o));
	else if (o->question->opens != OPENS_READ)
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
	db_verbose = o.verbose;
	db_token_file = o.token_file;
	if (!o.question->no_database)
		database_name(&o, &name);
	if (!lock_first(&o))
		status = STATUS_RETRY;
	else if (o.question->opens == OPENS_NOTHING)
		status = o.question->run(NULL, &o);
	else
		status = ask(&o);
	name_release(&name);
	trace_exiting(status);
	return status;
}
