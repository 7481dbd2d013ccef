/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "cursor_find.h"
#include "descriptors.h"
#include "log.h"
#include "options.h"
#include "duration.h"
#include "status.h"
#include "stream/totals.h"
#include "timestamp.h"

/* Events in a transaction, at most; a batch is bounded by its bytes too. */
#define BATCH_MOST 1000000

/* An hour: whoever waits longer has another problem. */
#define BUSY_MS_MOST 3600000

static _Noreturn void
usage(void)
{
	log_usage(
	    "usage: wos-apply [--after EVENT_ID | --restart] [--batch N]\n"
	    "                 [--no-cursor | --cursor-name NAME] "
	    "[--busy-timeout MS]\n"
	    "                 [--report FD [--fill EVENT_ID]]\n"
	    "                 [--dry-run | --verify [--json]] [--log-format text|json] "
	    "[-v]\n"
	    "                 DATABASE [FILE ...]\n"
	    "       wos-apply --cursor | --cursor-info [--cursor-name NAME] "
	    "DATABASE\n"
	    "       wos-apply --export | --name | --sample DATABASE\n"
	    "       wos-apply --lock FD\n"
	    "       wos-apply --lock-file DATABASE\n"
	    "       wos-apply --metrics FILE [--cursor-name NAME] "
	    "[--began TIME]\n"
	    "                 [--exit-status N] [--follow] DATABASE\n"
	    "       wos-apply --say LEVEL MESSAGE [NAME VALUE ...]\n"
	    "       wos-apply --tail-seen TIME | --gap FROM:TO "
	    "[--cursor-name NAME]\n"
	    "                 DATABASE\n"
	    "       wos-apply --parked-retry [--batch N] DATABASE\n"
	    "       wos-apply --parked-drop ID DATABASE\n"
	    "       wos-apply --parked | --parked-drop-all [--kind KIND] "
	    "[--before TIME]\n"
	    "                 DATABASE\n"
	    "       wos-apply --plan [-q] [--cursor-name NAME] [--now TIME] "
	    "DATABASE\n"
	    "       wos-apply --schema sqlite|postgres\n"
	    "       wos-apply --status [--behind TIME] [--stale TIME] "
	    "[--cursor-name NAME]\n"
	    "                 [--days N] [--now TIME] [--json] DATABASE\n");
}

/*
 * An option that is no question: it sets a member of struct options, or does
 * what else `take` does with it.
 */
struct row {
	const char *name;
	void (*take)(struct options *o, const struct row *r, const char *text);
	size_t at;            /* the member */
	bool flag;            /* it has no argument */
	bool always;          /* it goes with every question */
	char letter;          /* its short name */
	unsigned least, most; /* of a number */
	const char *needs;    /* another option, to apply a stream */
	const char *bars;     /* options that it does not go with */
};

static void
help(struct options *o, const struct row *r, const char *text)
{
	(void)o, (void)r, (void)text;
	puts(
	    "usage: wos-apply [options] DATABASE [FILE ...]\n"
	    "Runs the SQL of wos-decode on a SQLite file or in PostgreSQL.\n"
	    "\n"
	    "  --after EVENT_ID    the stream continues this event\n"
	    "  --restart           the stream takes the cursor's place\n"
	    "  --dry-run [--json]  print what would change, change nothing\n"
	    "  --verify [--json]   compare lists with the rows, for wos-verify\n"
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
	    "  --lock-file         print the file that a run locks\n"
	    "  --lock FD           lock it\n"
	    "  --metrics FILE      write what became of a run there\n"
	    "  --began TIME        of a run that began at this time\n"
	    "  --exit-status N     and ended with this status\n"
	    "  --follow            and stays, or has stayed\n"
	    "  --say LEVEL         print a message\n"
	    "  --sample            print some of the newest objects\n"
	    "  --status [--json]   print how it is, for wos-status\n"
	    "  --behind TIME       behind, if its end went unseen for so long "
	    "(15m)\n"
	    "  --stale TIME        stale, if nothing was read for so long "
	    "(20d)\n"
	    "  --days N            about the last N days (30)\n"
	    "  --now TIME          as of this time\n"
	    "  --help, --version\n"
	    "\n"
	    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 done, but some "
	    "events were\nparked, 75 another program holds the database.");
	exit(descriptors_flush());
}

static void
version(struct options *o, const struct row *r, const char *text)
{
	(void)o, (void)r, (void)text;
	printf("wos-apply %s\n", WOS_VERSION);
	exit(descriptors_flush());
}

int64_t
options_ms(const char *place, const char **text, char end)
{
	char *rest;
	long long ms;

	errno = 0;
	ms = strtoll(*text, &rest, 10);
	if (errno != 0 || rest == *text || *rest != end || ms < 0)
		log_errx(STATUS_USAGE,
		    "%s: %s: not a time in Unix milliseconds", place, *text);
	*text = rest + 1;
	return ms;
}

static void
take_flag(struct options *o, const struct row *r, const char *text)
{
	(void)text;
	*(bool *)((char *)o + r->at) = true;
}

static void
take_verify(struct options *o, const struct row *r, const char *text)
{
	(void)r, (void)text;
	o->verify = o->dry = true;
}

static void
take_text(struct options *o, const struct row *r, const char *text)
{
	*(const char **)((char *)o + r->at) = text;
}

static unsigned
read_number(const char *place, const char *text, unsigned least, unsigned most)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || *text < '0' || *text > '9' ||
	    n < least || n > most)
		log_errx(STATUS_USAGE, "%s: %s is not a number from %u to %u",
		    place, text, least, most);
	return (unsigned)n;
}

int
options_descriptor(const char *place, const char *text)
{
	unsigned fd = read_number(place, text, 3, DESCRIPTOR_MAX);

	descriptors_check(place, (int)fd);
	return (int)fd;
}

static void
take_number(struct options *o, const struct row *r, const char *text)
{
	*(unsigned *)((char *)o + r->at) =
	    read_number(r->name, text, r->least, r->most);
}

static void
take_descriptor(struct options *o, const struct row *r, const char *text)
{
	o->report = (unsigned)options_descriptor(r->name, text);
}

static void
take_ms(struct options *o, const struct row *r, const char *text)
{
	*(int64_t *)((char *)o + r->at) = options_ms(r->name, &text, '\0');
}

/* A time as people write it, or in Unix milliseconds. */
static void
take_before(struct options *o, const struct row *r, const char *text)
{
	if (timestamp_parse(text, strlen(text), &o->before) == 0)
		return;
	if (strspn(text, "0123456789") != strlen(text))
		log_errx(STATUS_USAGE,
		    "%s: %s: not a time, such as 2026-11-01 or "
		    "2026-11-01T12:00:00Z",
		    r->name, text);
	o->before = options_ms(r->name, &text, '\0');
}

static void
take_span(struct options *o, const struct row *r, const char *text)
{
	if (duration_read(text, (int64_t *)((char *)o + r->at)) == -1)
		log_errx(STATUS_USAGE,
		    "%s: %s: not a span of time, as 90s, 15m, 1h or 20d",
		    r->name, text);
}

static void
take_kind(struct options *o, const struct row *r, const char *text)
{
	if (strcmp(text, "line") != 0 && strcmp(text, "group") != 0 &&
	    strcmp(text, "beginning") != 0)
		log_errx(STATUS_USAGE,
		    "%s: %s: neither line, group nor beginning", r->name, text);
	o->kind = text;
}

static void
take_format(struct options *o, const struct row *r, const char *text)
{
	(void)o;
	log_format(r->name, text);
}

#define AT(member) .at = offsetof(struct options, member)

static const struct row rows[] = {
    {"--after", take_text, AT(after)},
    {"--batch", take_number, AT(batch), .least = 1, .most = BATCH_MOST},
    {"--before", .take = take_before},
    {"--began", take_ms, AT(began)},
    {"--behind", take_span, AT(behind)},
    {"--busy-timeout", take_number, AT(busy_ms), .most = BUSY_MS_MOST,
	.always = true},
    {"--cursor-name", take_text, AT(only)},
    {"--days", take_number, AT(days), .most = STATUS_DAYS_MAX},
    {"--dry-run", take_flag, AT(dry), .flag = true},
    {"--exit-status", take_number, AT(exit_status), .most = AT_WORK - 1},
    {"--fill", take_text, AT(fill), .needs = "--report",
	.bars = "--after --restart --no-cursor"},
    {"--follow", take_flag, AT(follow), .flag = true},
    {"--help", help, .flag = true},
    {"--json", take_flag, AT(json), .flag = true,
	.needs = "--dry-run or --verify"},
    {"--kind", .take = take_kind},
    {"--log-format", take_format, .always = true},
    {"--no-cursor", take_flag, AT(no_cursor), .flag = true,
	.bars = "--cursor-name"},
    {"--now", take_ms, AT(now)},
    {"--quiet", take_flag, AT(quiet), .flag = true, .letter = 'q'},
    {"--report", .take = take_descriptor},
    {"--restart", take_flag, AT(restart), .flag = true, .bars = "--after"},
    {"--stale", take_span, AT(stale)},
    {"--verbose", take_flag, AT(verbose), .flag = true, .always = true,
	.letter = 'v'},
    {"--verify", take_verify, .flag = true, .bars = "--dry-run"},
    {"--version", version, .flag = true},
};

#define NROWS (sizeof rows / sizeof rows[0])

/* What getopt_long(3) calls the first row, and the first question. */
enum { A_ROW = 256, A_QUESTION = A_ROW + NROWS };

/* Room for the table of getopt_long(3): questions are fewer than that. */
#define QUESTIONS_MOST 32

/* Is the option in the list, options with blanks between them? */
static bool
has(const char *list, const char *option)
{
	size_t n = strlen(option);

	while (list != NULL && (list = strstr(list, option)) != NULL) {
		list += n;
		if (*list == ' ' || *list == '\0')
			return true;
	}
	return false;
}

static _Noreturn void
refuse(const char *option, const char *other)
{
	log_errx(STATUS_USAGE, "%s: it does not go with %s", option, other);
}

/* The option is no part of applying a stream: says what it is a part of. */
static _Noreturn void
refuse_stream(const char *option, const struct question *list, size_t n)
{
	struct buf with = {0};

	for (; n > 0; n--, list++)
		if (has(list->with, option))
			buf_printf(&with, "%s%s", with.len > 0 ? " or " : "",
			    list->option);
	log_errx(STATUS_USAGE, "%s: it goes with %s", option, buf_str(&with));
}

/* Does everything that is given go with the question, and with the rest? */
static void
check(const struct question *asked, const struct question *list, size_t n,
    const bool *given)
{
	const struct row *r = rows, *other;

	for (; r < rows + NROWS; r++) {
		bool met = r->needs == NULL || asked->option != NULL;

		if (!given[r - rows])
			continue;
		if (!r->always && !has(asked->with, r->name)) {
			if (asked->option != NULL)
				refuse(r->name, asked->option);
			refuse_stream(r->name, list, n);
		}
		for (other = rows; other < rows + NROWS; other++) {
			if (given[other - rows] && has(r->bars, other->name))
				refuse(r->name, other->name);
			met |=
			    given[other - rows] && has(r->needs, other->name);
		}
		if (!met)
			log_errx(
			    STATUS_USAGE, "%s: it needs %s", r->name, r->needs);
	}
}

static void
name_options(struct option *longs, const struct question *list, size_t n)
{
	for (size_t i = 0; i < NROWS; i++)
		*longs++ = (struct option){rows[i].name + 2,
		    rows[i].flag ? no_argument : required_argument, NULL,
		    rows[i].letter ? rows[i].letter : A_ROW + (int)i};
	for (size_t i = 1; i < n; i++)
		*longs++ = (struct option){list[i].option + 2,
		    list[i].argument ? required_argument : no_argument, NULL,
		    A_QUESTION + (int)i};
}

/* The row of what getopt_long(3) has found. */
static const struct row *
row_of(int c)
{
	for (size_t i = 0; i < NROWS; i++)
		if (c == A_ROW + (int)i || c == rows[i].letter)
			return &rows[i];
	return NULL;
}

/* The database and files behind it, or usage(). */
static void
take_operands(struct options *o, int argc, char **argv)
{
	const struct question *q = o->question;

	if (!q->no_database && argc-- > 0)
		o->database = *argv++;
	if (argc < 0 || (argc > 0 && !q->files))
		usage();
	o->files = argv;
}

void
options_parse(struct options *o, const struct question *list, size_t n,
    int argc, char **argv)
{
	struct option longs[NROWS + QUESTIONS_MOST + 1] = {{0}};
	bool given[NROWS] = {false};
	const struct row *r;
	int c;

	*o = (struct options){.question = list,
	    .batch = BATCH_EVENTS,
	    .busy_ms = DB_BUSY_MS,
	    .days = STATUS_DAYS,
	    .behind = STATUS_BEHIND,
	    .stale = STATUS_STALE,
	    .now = time_now(),
	    .exit_status = AT_WORK,
	    .before = INT64_MAX};
	name_options(longs, list, n);
	while ((c = getopt_long(argc, argv, "qv", longs, NULL)) != -1) {
		if (c > A_QUESTION) {
			if (o->question != list)
				refuse(list[c - A_QUESTION].option,
				    o->question->option);
			o->question = &list[c - A_QUESTION];
			o->argument = optarg;
		} else if ((r = row_of(c)) != NULL) {
			given[r - rows] = true;
			r->take(o, r, optarg);
		} else {
			log_bad_option(argv);
			usage();
		}
	}
	check(o->question, list, n, given);
	o->cursor = o->only != NULL ? o->only : CURSOR_DEFAULT;
	take_operands(o, argc - optind, argv + optind);
}
