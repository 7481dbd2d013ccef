/* SPDX-License-Identifier: MIT */
/*
 * wos-apply: run the SQL that wos-decode writes, in transactions, and keep
 * the cursor.  Trusts its database, and nothing that it reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream/apply.h"
#include "clock.h"
#include "counts.h"
#include "ddl.h"
#include "descriptors.h"
#include "dry/dry.h"
#include "export.h"
#include "facts.h"
#include "log.h"
#include "name.h"
#include "open.h"
#include "parked.h"
#include "plan.h"
#include "stream/report.h"
#include "retry.h"
#include "status.h"
#include "timestamp.h"
#include "trace/trace.h"

/* Events in a transaction, at most; a batch is bounded by its bytes too. */
#define BATCH_MOST 1000000

/* An hour: whoever waits longer has another problem. */
#define BUSY_MS_MOST 3600000

enum mode {
	MODE_APPLY,
	MODE_CURSOR,
	MODE_CURSOR_INFO,
	MODE_EXPORT,
	MODE_GAP,
	MODE_NAME,
	MODE_PARKED,
	MODE_PARKED_RETRY,
	MODE_PARKED_DROP,
	MODE_PLAN,
	MODE_SAMPLE,
	MODE_PARKED_DROP_ALL,
	MODE_SCHEMA,
	MODE_STATUS,
	MODE_TAIL_SEEN,
};

struct options {
	enum mode mode;
	const char *argument; /* of the mode: a parked id, a dialect */
	struct parked_choice parked;
	const char *after;
	const char *fill;   /* the event that a back-fill goes up to */
	const char *cursor; /* its name */
	int report;         /* a descriptor, or -1 */
	bool no_cursor;
	bool restart;
	bool dry;  /* take it all back */
	bool json; /* and tell so */
	size_t batch;
	unsigned days;
	int64_t now; /* -1: what the clock says */
	bool verbose, quiet;
};

static _Noreturn void
usage(void)
{
	log_usage(
	    "usage: wos-apply [--after EVENT_ID | --restart] [--batch N]\n"
	    "                 [--no-cursor | --cursor-name NAME] "
	    "[--busy-timeout MS]\n"
	    "                 [--report FD] [--fill EVENT_ID]\n"
	    "                 [--dry-run [--json]] [--log-format text|json] "
	    "[-v]\n"
	    "                 DATABASE [FILE ...]\n"
	    "       wos-apply --cursor | --cursor-info | --export DATABASE\n"
	    "       wos-apply --name DATABASE\n"
	    "       wos-apply --tail-seen TIME | --gap FROM:TO DATABASE\n"
	    "       wos-apply --parked-retry DATABASE\n"
	    "       wos-apply --parked-drop ID DATABASE\n"
	    "       wos-apply --parked | --parked-drop-all [--kind KIND] "
	    "[--before TIME]\n"
	    "                 DATABASE\n"
	    "       wos-apply --plan [-q] [--now TIME] DATABASE\n"
	    "       wos-apply --sample DATABASE\n"
	    "       wos-apply --schema sqlite|postgres\n"
	    "       wos-apply --status [--days N] [--now TIME] DATABASE\n");
}

static _Noreturn void
help(void)
{
	puts(
	    "usage: wos-apply [options] DATABASE [FILE ...]\n"
	    "Runs the SQL of wos-decode on a SQLite file or in PostgreSQL.\n"
	    "\n"
	    "  --after EVENT_ID    the stream continues this event\n"
	    "  --restart           the stream takes the cursor's place\n"
	    "  --dry-run [--json]  print what would change, change nothing\n"
	    "  --batch N           events in a transaction (4000)\n"
	    "  --cursor-name NAME  move this cursor (default)\n"
	    "  --no-cursor         move none\n"
	    "  --report FD         what wos-fetch --report says of the stream\n"
	    "  --fill EVENT_ID     the stream is what the cursor lacks up to "
	    "it\n"
	    "  --busy-timeout MS   wait so long for other programs (10000)\n"
	    "  --log-format json   messages as lines of JSON (text)\n"
	    "  -q, --quiet         with --plan: say nothing but failures\n"
	    "  -v, --verbose       say what was done\n"
	    "\n"
	    "  --cursor            print the event id that the cursor holds\n"
	    "  --cursor-info       print what is known of it\n"
	    "  --tail-seen TIME    record when nothing came after it\n"
	    "  --gap FROM:TO       record that events may be missing\n"
	    "  --export            print the events applied, as JSON lines\n"
	    "  --parked            list what is parked\n"
	    "  --parked-retry      decode and apply it again\n"
	    "  --parked-drop ID    print it, then forget it\n"
	    "  --parked-drop-all   do so with all that is parked\n"
	    "  --kind KIND         that is a line, a group or a beginning\n"
	    "  --before TIME       that was parked before this time\n"
	    "  --name              print how the database may be called\n"
	    "  --schema DIALECT    print the DDL for sqlite or postgres\n"
	    "  --plan              what a run has to do, for wos-sync\n"
	    "  --sample            print some of the newest objects\n"
	    "  --status            print facts, for wos-status\n"
	    "  --days N            about the last N days (30)\n"
	    "  --now TIME          as of this time\n"
	    "  --help, --version\n"
	    "\n"
	    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 done, but some "
	    "events were\nparked, 75 another program holds the database.");
	exit(descriptors_flush());
}

static unsigned
parse_number(
    const char *option, const char *text, unsigned least, unsigned most)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || *text < '0' || *text > '9' ||
	    n < least || n > most)
		log_errx(STATUS_USAGE, "%s: %s is not a number from %u to %u",
		    option, text, least, most);
	return (unsigned)n;
}

/* A time in Unix milliseconds, up to the character `end`. */
static int64_t
parse_ms(const char *option, const char **text, char end)
{
	char *rest;
	long long ms;

	errno = 0;
	ms = strtoll(*text, &rest, 10);
	if (errno != 0 || rest == *text || *rest != end || ms < 0)
		log_errx(STATUS_USAGE,
		    "%s: %s: not a time in Unix milliseconds", option, *text);
	*text = rest + 1;
	return ms;
}

/* A time as people write it, or in Unix milliseconds. */
static int64_t
parse_time(const char *option, const char *text)
{
	int64_t ms;

	if (timestamp_parse(text, strlen(text), &ms) == 0)
		return ms;
	if (strspn(text, "0123456789") == strlen(text))
		return parse_ms(option, &text, '\0');
	log_errx(STATUS_USAGE,
	    "%s: %s: not a time, such as 2026-11-01 or "
	    "2026-11-01T12:00:00Z",
	    option, text);
}

static const char *
parse_kind(const char *text)
{
	if (strcmp(text, "line") != 0 && strcmp(text, "group") != 0 &&
	    strcmp(text, "beginning") != 0)
		log_errx(STATUS_USAGE,
		    "--kind: %s: neither line, group nor beginning", text);
	return text;
}

static void
set_mode(struct options *o, enum mode mode, const char *argument)
{
	if (o->mode != MODE_APPLY) {
		log_message(LEVEL_ERROR, "more than one thing to do");
		usage();
	}
	o->mode = mode;
	o->argument = argument;
}

static struct options
parse_options(int argc, char **argv)
{
	static const struct option longs[] = {
	    {"after", required_argument, NULL, 'a'},
	    {"batch", required_argument, NULL, 'b'},
	    {"before", required_argument, NULL, 'f'},
	    {"busy-timeout", required_argument, NULL, 'B'},
	    {"cursor", no_argument, NULL, 'c'},
	    {"cursor-info", no_argument, NULL, 'i'},
	    {"cursor-name", required_argument, NULL, 'n'},
	    {"days", required_argument, NULL, 'D'},
	    {"dry-run", no_argument, NULL, 'y'},
	    {"export", no_argument, NULL, 'e'},
	    {"fill", required_argument, NULL, 'F'},
	    {"gap", required_argument, NULL, 'g'},
	    {"help", no_argument, NULL, 'h'},
	    {"json", no_argument, NULL, 'j'},
	    {"kind", required_argument, NULL, 'k'},
	    {"log-format", required_argument, NULL, 'l'},
	    {"name", no_argument, NULL, 'm'},
	    {"no-cursor", no_argument, NULL, 'N'},
	    {"now", required_argument, NULL, 'w'},
	    {"parked", no_argument, NULL, 'p'},
	    {"parked-drop", required_argument, NULL, 'd'},
	    {"parked-drop-all", no_argument, NULL, 'A'},
	    {"parked-retry", no_argument, NULL, 'r'},
	    {"plan", no_argument, NULL, 'P'},
	    {"report", required_argument, NULL, 'o'},
	    {"quiet", no_argument, NULL, 'q'},
	    {"restart", no_argument, NULL, 'R'},
	    {"sample", no_argument, NULL, 'M'},
	    {"schema", required_argument, NULL, 's'},
	    {"status", no_argument, NULL, 'S'},
	    {"tail-seen", required_argument, NULL, 't'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	struct options o = {.cursor = CURSOR_DEFAULT,
	    .batch = BATCH_EVENTS,
	    .days = FACTS_DAYS,
	    .report = -1,
	    .now = -1,
	    .parked = {.before = INT64_MAX}};
	const char *text;
	int c;

	while ((c = getopt_long(argc, argv, "qv", longs, NULL)) != -1)
		switch (c) {
		case 'a':
			o.after = optarg;
			break;
		case 'A':
			set_mode(&o, MODE_PARKED_DROP_ALL, NULL);
			break;
		case 'b':
			o.batch =
			    parse_number("--batch", optarg, 1, BATCH_MOST);
			break;
		case 'B':
			db_busy_ms = parse_number(
			    "--busy-timeout", optarg, 0, BUSY_MS_MOST);
			break;
		case 'c':
			set_mode(&o, MODE_CURSOR, NULL);
			break;
		case 'd':
			set_mode(&o, MODE_PARKED_DROP, optarg);
			break;
		case 'D':
			o.days =
			    parse_number("--days", optarg, 0, FACTS_DAYS_MAX);
			break;
		case 'y':
			o.dry = true;
			break;
		case 'j':
			o.json = true;
			break;
		case 'e':
			set_mode(&o, MODE_EXPORT, NULL);
			break;
		case 'F':
			o.fill = optarg;
			break;
		case 'M':
			set_mode(&o, MODE_SAMPLE, NULL);
			break;
		case 'f':
			o.parked.before = parse_time("--before", optarg);
			break;
		case 'g':
			set_mode(&o, MODE_GAP, optarg);
			break;
		case 'h':
			help();
		case 'i':
			set_mode(&o, MODE_CURSOR_INFO, NULL);
			break;
		case 'k':
			o.parked.kind = parse_kind(optarg);
			break;
		case 'l':
			log_format("--log-format", optarg);
			break;
		case 'm':
			set_mode(&o, MODE_NAME, NULL);
			break;
		case 'n':
			o.cursor = optarg;
			break;
		case 'o':
			o.report =
			    (int)parse_number("--report", optarg, 3, 65535);
			break;
		case 'N':
			o.no_cursor = true;
			break;
		case 'p':
			set_mode(&o, MODE_PARKED, NULL);
			break;
		case 'q':
			o.quiet = true;
			break;
		case 'P':
			set_mode(&o, MODE_PLAN, NULL);
			break;
		case 'r':
			set_mode(&o, MODE_PARKED_RETRY, NULL);
			break;
		case 'R':
			o.restart = true;
			break;
		case 's':
			set_mode(&o, MODE_SCHEMA, optarg);
			break;
		case 'S':
			set_mode(&o, MODE_STATUS, NULL);
			break;
		case 't':
			set_mode(&o, MODE_TAIL_SEEN, optarg);
			break;
		case 'v':
			o.verbose = true;
			break;
		case 'V':
			printf("wos-apply %s\n", WOS_VERSION);
			exit(descriptors_flush());
		case 'w':
			text = optarg;
			o.now = parse_ms("--now", &text, '\0');
			break;
		default:
			log_bad_option(argv);
			usage();
		}
	return o;
}

static int
print_schema(const char *dialect)
{
	struct buf out = {0};

	if (strcmp(dialect, "sqlite") == 0) {
		ddl_schema(&out, DIALECT_SQLITE);
	} else if (strcmp(dialect, "postgres") == 0) {
		ddl_schema(&out, DIALECT_POSTGRES);
	} else {
		log_errx(STATUS_USAGE,
		    "--schema: neither sqlite nor postgres: %s", dialect);
	}
	fwrite(out.p, 1, out.len, stdout);
	buf_free(&out);
	return descriptors_flush();
}

static struct db *
open_database(const char *where, const char *shown, enum db_mode mode)
{
	char why[DB_WHY_SIZE];
	struct db *db;
	enum db_result rc;

	rc = db_open(where, mode, &db, why);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", shown, why);
	return db;
}

/* What was done, for those who asked for it. */
static void
report_totals(const struct options *o, const struct cursor *cursor,
    const struct apply_totals *t)
{
	log_field_int("events", (int64_t)t->events);
	log_field_int("batches", (int64_t)t->batches);
	log_field_int("parked", (int64_t)t->parked);
	log_field("cursor", o->no_cursor || o->dry ? NULL : cursor->held);
	log_info("%zu events in %zu batches, %zu parked; cursor %s", t->events,
	    t->batches, t->parked,
	    o->no_cursor || o->dry  ? "left alone"
	    : *cursor->held != '\0' ? cursor->held
				    : "not set");
}

static int
report_run(const struct options *o, const struct cursor *cursor,
    const struct apply_totals *t)
{
	if (!o->no_cursor && cursor->lost) {
		log_warnx(
		    "another program has moved the cursor: it is left alone");
	} else if (!o->no_cursor && !cursor->follows && t->events > 0) {
		log_field("cursor", cursor->held);
		log_warnx(
		    "the cursor stays at %s: nothing says that these events "
		    "come after it",
		    cursor->held);
	}
	if (o->verbose)
		report_totals(o, cursor, t);
	return t->parked > 0 ? STATUS_PARKED : STATUS_DONE;
}

static int
apply_file(struct db *db, const char *name, const struct options *o,
    struct cursor *cursor, struct apply_totals *totals)
{
	int fd = STDIN_FILENO, status;

	if (strcmp(name, "-") != 0 &&
	    (fd = open(name, O_RDONLY | O_CLOEXEC)) == -1)
		log_err(STATUS_FAILED, "%s", name);
	status = apply_stream(db, fd, fd == STDIN_FILENO ? "stdin" : name,
	    o->batch, o->no_cursor ? NULL : cursor, totals);
	if (fd != STDIN_FILENO)
		close(fd);
	return status;
}

static void
trace_totals(const struct apply_totals *t, const struct db *db)
{
	struct span *s = trace_program();

	span_text(s, "db.system.name", db->ops->system);
	span_int(s, "wos.events", (int64_t)t->events);
	span_int(s, "wos.parked", (int64_t)t->parked);
	span_int(s, "wos.batches", (int64_t)t->batches);
	span_int(s, "wos.rows_changed", t->changed);
}

static int
apply_files(
    struct db *db, const char *where, char **files, const struct options *o)
{
	char dash[] = "-", *just_stdin[] = {dash, NULL};
	struct apply_totals totals = {0};
	struct cursor_options how = {.name = o->cursor,
	    .after = o->after,
	    .restart = o->restart,
	    .fill = o->fill};
	struct report report;
	struct cursor cursor;
	enum db_result rc;
	int status = 0;

	if (o->report != -1) {
		report_init(&report, o->report);
		how.report = &report;
	}
	rc = cursor_init(&cursor, db, &how);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", where, db->why);
	for (char **f = *files ? files : just_stdin; *f && status == 0; f++)
		status = apply_file(db, *f, o, &cursor, &totals);
	apply_tell_rest(&totals);
	trace_totals(&totals, db);
	if (status == 0)
		status = report_run(o, &cursor, &totals);
	cursor_release(&cursor);
	if (o->report != -1)
		report_release(&report);
	return status;
}

static enum db_result
record_tail(struct db *db, const struct options *o)
{
	const char *text = o->argument;

	return cursor_tail(db, o->cursor, parse_ms("--tail-seen", &text, '\0'));
}

static enum db_result
record_gap(struct db *db, const struct options *o)
{
	const char *text = o->argument;
	int64_t from = parse_ms("--gap", &text, ':');

	return cursor_gap(db, o->cursor, from, parse_ms("--gap", &text, '\0'));
}

static enum db_result
print_status(struct db *db, const char *shown, const struct options *o)
{
	int64_t now = o->now == -1 ? time_now() : o->now;

	return facts_print(db, shown, now, o->days, stdout);
}

static enum db_result
drop_parked(struct db *db, const char *where, const char *id)
{
	enum db_result rc;
	bool found = false;

	rc = parked_drop(db, id, stdout, &found);
	descriptors_flush();
	if (rc == DB_OK && !found)
		log_errx(
		    STATUS_FAILED, "%s: nothing is parked as %s", where, id);
	return rc;
}

static enum db_result
print_cursor(struct db *db, const struct options *o)
{
	char held[EVENT_ID_MAX + 1];
	enum db_result rc = cursor_find(db, o->cursor, held);

	if (rc == DB_OK && *held != '\0')
		puts(held);
	return rc;
}

/* One name for a file, whether wos-sync has put ./ before it or not. */
static const char *
database_field(const char *shown)
{
	return strncmp(shown, "./", 2) == 0 ? shown + 2 : shown;
}

/* What wos-fetch --explain says is on standard input. */
static enum db_result
print_plan(struct db *db, const char *where, const struct options *o)
{
	struct terms terms;
	struct plan_options how = {.shown = database_field(where),
	    .cursor = o->cursor,
	    .terms = &terms,
	    .now = o->now == -1 ? time_now() : o->now,
	    .quiet = o->quiet};
	enum db_result rc;

	plan_read(stdin, &terms);
	rc = plan_print(db, &how, stdout);
	terms_free(&terms);
	return rc;
}

static enum db_result
print_facts(struct db *db, const char *where, const struct options *o)
{
	switch (o->mode) {
	case MODE_CURSOR:
		return print_cursor(db, o);
	case MODE_CURSOR_INFO:
		return cursor_print(db, o->cursor, stdout);
	case MODE_EXPORT:
		return export_ledger(db, stdout);
	case MODE_PARKED:
		return parked_list(db, &o->parked, stdout);
	case MODE_PLAN:
		return print_plan(db, where, o);
	case MODE_SAMPLE:
		return plan_sample(db, stdout);
	default:
		return print_status(db, where, o);
	}
}

/* What looks at a database: to be believed if nobody has disturbed it. */
static enum db_result
look(struct db *db, const char *where, const struct options *o)
{
	enum db_result rc = print_facts(db, where, o);

	return rc == DB_OK ? db_sync(db) : rc;
}

/* What notes something: in its turn among those who write. */
static enum db_result
note(struct db *db, const char *where, const struct options *o)
{
	enum db_result rc = db_begin(db);

	if (rc == DB_OK && o->mode == MODE_TAIL_SEEN)
		rc = record_tail(db, o);
	else if (rc == DB_OK && o->mode == MODE_GAP)
		rc = record_gap(db, o);
	else if (rc == DB_OK)
		rc = drop_parked(db, where, o->argument);
	if (rc == DB_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

static enum db_mode
mode_of_database(enum mode mode)
{
	switch (mode) {
	case MODE_APPLY:
		return DB_WRITE;
	case MODE_GAP:
	case MODE_PARKED_DROP:
	case MODE_PARKED_DROP_ALL:
	case MODE_PARKED_RETRY:
	case MODE_TAIL_SEEN:
		return DB_CHANGE;
	default:
		return DB_READ;
	}
}

static enum db_result
drop_all_parked(struct db *db, const struct options *o)
{
	size_t dropped;
	enum db_result rc = parked_drop_all(db, &o->parked, stdout, &dropped);

	if (o->verbose)
		log_info("%zu are parked no more", dropped);
	return rc;
}

static int
run_mode(struct db *db, const char *where, const struct options *o)
{
	enum db_result rc;

	if (o->mode == MODE_PARKED_DROP_ALL)
		rc = drop_all_parked(db, o);
	else if (mode_of_database(o->mode) == DB_CHANGE)
		rc = note(db, where, o);
	else
		rc = look(db, where, o);

	descriptors_flush();
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", where, db->why);
	return STATUS_DONE;
}

/* Applies the files to what takes everything back in the end. */
static int
dry_files(
    const char *where, const char *shown, char **files, const struct options *o)
{
	char why[DB_WHY_SIZE];
	struct buf tables = {0};
	struct db *inner, *db;
	enum db_result rc;
	int status;

	rc = db_open(where, DB_DRY, &inner, why);
	where = shown;
	if (rc == DB_REFUSED) { /* it can't be known: that is no failure */
		log_warnx("%s: %s", where, why);
		return STATUS_DONE;
	}
	if (rc != DB_OK || inner == NULL)
		log_errx(db_status(rc), "%s: %s", where,
		    rc != DB_OK ? why : "no such database");
	rc = dry_owners(inner, &tables);
	if (rc == DB_OK)
		rc = dry_open(inner, stdout, o->json, &db);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", where, inner->why);
	if (tables.len > 0)
		log_warnx("%s: what triggers, rules, cascades and "
			  "deferred constraints do can't be known: %s",
		    where, buf_str(&tables));
	buf_free(&tables);
	status = apply_files(db, where, files, o);
	db_close(db);
	descriptors_flush();
	return status == STATUS_PARKED ? STATUS_DONE : status;
}

/* For scripts, which must not guess what libpq makes of a name. */
static int
print_name(struct name *n)
{
	printf("kind %s\nshown %s\nlabel %s\nlock %s\n",
	    n->server ? "server" : "file", buf_str(&n->shown),
	    buf_str(&n->label), n->lock);
	return descriptors_flush();
}

/* What the database is, and what to call it; refused if it can't be one. */
static void
find_name(struct name *n, const char *where)
{
	char why[DB_WHY_SIZE];

	if (name_init(n, where, why) == 0)
		return;
	if (n->shown.len == 0)
		log_errx(STATUS_USAGE, "%s", why);
	log_errx(STATUS_USAGE, "%s: %s", buf_str(&n->shown), why);
}

/* Does what there is to do with a database, but for a dry run. */
static int
run(const char *where, const char *shown, char **files, const struct options *o)
{
	enum db_mode mode = mode_of_database(o->mode);
	struct db *db;
	int status;

	if (o->mode == MODE_APPLY) { /* the others are over at once */
		trace_init("wos-apply");
		counts_init();
	}
	db = open_database(where, shown, mode);
	if (db == NULL && mode == DB_CHANGE)
		log_errx(STATUS_FAILED, "%s: no such database", shown);
	if (db == NULL && o->mode == MODE_PLAN)
		return plan_new();
	if (db == NULL)
		return STATUS_DONE; /* nothing there, nothing to print */
	if (o->mode == MODE_APPLY)
		status = apply_files(db, shown, files, o);
	else if (o->mode == MODE_PARKED_RETRY)
		status = retry_parked(db, shown, o->batch);
	else
		status = run_mode(db, shown, o);
	db_close(db);
	return status;
}

int
main(int argc, char **argv)
{
	const char *shown;
	struct options o;
	static struct name name; /* still there when the program is ended */
	int status;

	log_init();
	descriptors_keep();
	retry_init(argv[0]);
	o = parse_options(argc, argv);
	argv += optind;
	argc -= optind;
	if (o.mode == MODE_SCHEMA && argc == 0)
		return print_schema(o.argument);
	if (argc == 0 || (argc > 1 && o.mode != MODE_APPLY) ||
	    o.mode == MODE_SCHEMA || (o.json && !o.dry) ||
	    (o.dry && o.mode != MODE_APPLY) ||
	    ((o.parked.kind != NULL || o.parked.before != INT64_MAX) &&
		o.mode != MODE_PARKED && o.mode != MODE_PARKED_DROP_ALL))
		usage();
	find_name(&name, argv[0]);
	if (o.mode == MODE_NAME)
		return print_name(&name);
	shown = buf_str(&name.shown);
	log_keep("database", database_field(shown));
	if (o.dry)
		status = dry_files(argv[0], shown, argv + 1, &o);
	else
		status = run(argv[0], shown, argv + 1, &o);
	name_release(&name);
	trace_exiting(status);
	return status;
}
