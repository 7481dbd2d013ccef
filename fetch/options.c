/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "descriptors.h"
#include "duration.h"
#include "events/page.h"
#include "events/types.h"
#include "log.h"
#include "options.h"
#include "status.h"

#define BASE_URL "https://api.workos.com"

/* A request that may take hours is a mistake. */
#define TIMEOUT_MAX_S 3600

static _Noreturn void
usage(void)
{
	log_usage("usage: wos-fetch [--after EVENT_ID | --since TIME] "
		  "[OPTION...] | wos-fetch --list[=TABLES] | "
		  "wos-fetch --from FILE... | "
		  "wos-fetch --known | wos-fetch --gone | wos-fetch --help\n");
}

/* An option: what it takes, and what becomes of that. */
struct row {
	const char *name;
	const char *argument; /* with [ before it, it may be left out */
	void (*take)(struct options *o, const struct row *r, const char *text);
	const char *help;     /* NULL: --help does not have it */
	size_t at;            /* the member of struct options that it sets */
	uint64_t least, most; /* of a number, or bytes of a text */
	enum {
		SAVED = 1,  /* it goes with --from */
		LISTED = 2, /* it goes with --list */
		ANY = SAVED | LISTED
	} goes_with;
};

/* A number, within bounds, or the end of the program. */
static uint64_t
number(const char *name, const char *text, uint64_t least, uint64_t most)
{
	uintmax_t value;
	char *end;

	errno = 0;
	value = strtoumax(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    value < least || value > most)
		log_errx(STATUS_USAGE,
		    "%s: %s: not a number from %" PRIu64 " to %" PRIu64, name,
		    text, least, most);
	return value;
}

static long
milliseconds(const char *name, const char *text)
{
	char *end;
	double s;

	errno = 0;
	s = strtod(text, &end);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    s < 0.001 || s > TIMEOUT_MAX_S)
		log_errx(STATUS_USAGE,
		    "%s: %s: not a number of seconds up to %d", name, text,
		    TIMEOUT_MAX_S);
	return (long)(s * 1000);
}

static void
take_flag(struct options *o, const struct row *r, const char *text)
{
	(void)text;
	*(bool *)((char *)o + r->at) = true;
}

static void
take_number(struct options *o, const struct row *r, const char *text)
{
	*(unsigned *)((char *)o + r->at) =
	    (unsigned)number(r->name, text, r->least, r->most);
}

static void
take_text(struct options *o, const struct row *r, const char *text)
{
	if (strlen(text) < r->least)
		log_errx(STATUS_USAGE, "%s: it is empty", r->name);
	*(const char **)((char *)o + r->at) = text;
}

/* An id, which goes into a query, and into a report as the rest of a line. */
static void
take_id(struct options *o, const struct row *r, const char *text)
{
	take_text(o, r, text);
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '\177')
			log_errx(STATUS_USAGE,
			    "%s: control characters in an id", r->name);
	if (strlen(text) > r->most)
		log_errx(
		    STATUS_USAGE, "%s: too long for an event's id", r->name);
}

/* The options of one name are one list, and one that is empty counts, too. */
static void
take_events(struct options *o, const struct row *r, const char *text)
{
	(void)r;
	if (o->some_types)
		buf_putc(&o->list, ',');
	buf_puts(&o->list, text);
	o->some_types = true;
}

static void
take_except(struct options *o, const struct row *r, const char *text)
{
	(void)r;
	if (o->except.len > 0)
		buf_putc(&o->except, ',');
	buf_puts(&o->except, text);
}

static void
take_follow(struct options *o, const struct row *r, const char *text)
{
	o->terms.follow_ms =
	    text != NULL ? milliseconds(r->name, text) : FOLLOW_MS;
}

static void
take_format(struct options *o, const struct row *r, const char *text)
{
	(void)o;
	log_format(r->name, text);
}

static void
take_key(struct options *o, const struct row *r, const char *text)
{
	(void)o, (void)text;
	log_errx(STATUS_USAGE,
	    "%s: a key does not belong on a command line, which others can "
	    "read: set WORKOS_API_KEY or use --api-key-file",
	    r->name);
}

static void
take_max(struct options *o, const struct row *r, const char *text)
{
	o->terms.max = number(r->name, text, 1, UINT64_MAX - 1);
}

static void
take_progress(struct options *o, const struct row *r, const char *text)
{
	(void)text;
	o->progress = r->most != 0;
}

static void
take_rate(struct options *o, const struct row *r, const char *text)
{
	struct client_options *c = &o->client;

	if (rate_read(text, &c->rate_requests, &c->rate_seconds) == -1)
		log_errx(STATUS_USAGE, "%s: %s: not a rate: 80, or 4800/60",
		    r->name, text);
}

static void
take_report(struct options *o, const struct row *r, const char *text)
{
	take_number(o, r, text);
	descriptors_check(r->name, (int)o->report);
}

static void
take_stay(struct options *o, const struct row *r, const char *text)
{
	if (duration_read(text, &o->terms.stay_ms) == -1)
		log_errx(STATUS_USAGE, "%s: %s: not a span of time: 90s, 7d",
		    r->name, text);
}

static void
take_timeout(struct options *o, const struct row *r, const char *text)
{
	o->client.timeout_ms = milliseconds(r->name, text);
}

static void
take_list(struct options *o, const struct row *r, const char *text)
{
	(void)r;
	o->lists = true;
	o->tables = text;
}

static void
show_lists(struct options *o, const struct row *r, const char *text)
{
	struct buf lists = {0};

	(void)o, (void)r, (void)text;
	wanted_show(&lists);
	fputs(buf_str(&lists), stdout);
	exit(descriptors_flush());
}

static void help(struct options *o, const struct row *r, const char *text);

static void
version(struct options *o, const struct row *r, const char *text)
{
	(void)o, (void)r, (void)text;
	printf("wos-fetch %s\n", WOS_VERSION);
	exit(descriptors_flush());
}

#define AT(member) .at = offsetof(struct options, member)
#define GOES(with) .goes_with = with

static const struct row rows[] = {
    {"--after", "EVENT_ID", take_id, "continue after this event",
	AT(terms.after), .least = 1, .most = CURSOR_MAX},
    {"--since", "TIME", take_text, "begin with the events of this moment",
	AT(range.since)},
    {"--until", "TIME", take_text, "end before the events of this moment",
	AT(range.until)},
    {"--events", "LIST", take_events, .help = "these types: names, patterns",
	GOES(SAVED)},
    {"--except", "LIST", take_except, .help = "but not these", GOES(SAVED)},
    {"--rare", NULL, take_flag, "also types that the API may not list",
	AT(terms.rare)},
    {"--organization", "ID", take_id, "of this organization only",
	AT(terms.organization), .least = 1, .most = SIZE_MAX},
    {"--max", "N", take_max, .help = "end after so many events", GOES(SAVED)},
    {"--jq", "PROGRAM", take_text, "print what a jq program makes of each",
	AT(jq), GOES(ANY)},
    {"--margin", "SPAN", take_text, "begin so long before the event",
	AT(range.margin)},
    {"--cursor-time", "TIME", take_text, "which happened at this time",
	AT(range.cursor_time)},
    {"--follow", "[SECONDS", take_follow, .help = "stay, and ask again (5)"},
    {"--stay", "SPAN", take_stay, .help = "but no longer than that"},
    {"--until-eof", NULL, take_flag, "stop when standard input ends",
	AT(terms.until_eof)},
    {"--tail-file", "FILE", take_text, "write there when the end was seen",
	AT(terms.tail_file), .least = 1},
    {"--report", "FD", take_report, "tell wos-apply what the stream holds",
	AT(report), .least = 3, .most = DESCRIPTOR_MAX},
    {"--backfill", "LIST", take_text, "ask for these types only", AT(backfill),
	.least = 1},
    {"--probe", "EVENT_ID", take_id, "fail unless the API knows this event",
	AT(terms.probe), .least = 1, .most = CURSOR_MAX},
    {"--page-size", "N", take_number, "events to ask for at once (100)",
	AT(terms.page_size), .least = 1, .most = PAGE_SIZE},
    {"--jobs", "N", take_number, "connections (1)", AT(client.jobs), .least = 1,
	.most = JOBS_MAX, GOES(LISTED)},
    {"--rate", "N[/SECONDS]", take_rate, .help = "requests (4800/60)",
	GOES(LISTED)},
    {"--base-url", "URL", take_text, "where the API is", AT(client.base_url),
	.least = 1, GOES(LISTED)},
    {"--api-key", "[KEY", take_key, .help = NULL},
    {"--api-key-file", "FILE", take_text, "read the API key there",
	AT(key_file), GOES(LISTED)},
    {"--retries", "N", take_number, "repetitions of a request (5)",
	AT(client.retries), .most = RETRIES_MAX, GOES(LISTED)},
    {"--retry-pause", "MS", take_number, "before the first of them (500)",
	AT(client.pause_ms), .least = 1, .most = RETRY_PAUSE_MAX_MS,
	GOES(LISTED)},
    {"--timeout", "SECONDS", take_timeout, .help = "for one request (60)",
	GOES(LISTED)},
    {"--progress", NULL, take_progress, .help = "show how far it is",
	.most = true, GOES(LISTED)},
    {"--no-progress", NULL, take_progress, .help = "don't", .most = false,
	GOES(LISTED)},
    {"--log-format", "FORMAT", take_format, .help = "of messages: text, json",
	GOES(ANY)},
    {"--from", NULL, take_flag, "read saved files, ask nothing", AT(from),
	GOES(SAVED)},
    {"--explain", NULL, take_flag, "print what would be asked for", AT(explain),
	GOES(SAVED)},
    {"--list", "[TABLES", take_list, .help = "write objects, not events",
	GOES(LISTED)},
    {"--lists", NULL, show_lists, "print what is listed, and where", GOES(ANY)},
    {"--known", NULL, take_flag, "ask whether the key fits a database",
	AT(known)},
    {"--gone", NULL, take_flag, "print which objects are gone", AT(gone),
	GOES(LISTED)},
    {"--help", NULL, help, "print this", GOES(ANY)},
    {"--version", NULL, version, "print the version", GOES(ANY)},
};

#define NROWS (sizeof rows / sizeof rows[0])

/* What getopt_long(3) calls the first of them. */
#define A_ROW 256

static void
help(struct options *o, const struct row *r, const char *text)
{
	char left[32];

	(void)o, (void)text;
	puts("usage: wos-fetch [--after EVENT_ID | --since TIME] [OPTION...]\n"
	     "       wos-fetch --list[=TABLES] [OPTION...]\n"
	     "       wos-fetch --from [OPTION...] FILE...\n"
	     "       wos-fetch --explain | --known | --gone [OPTION...]\n"
	     "Writes WorkOS events to standard output, a line of JSON each.  "
	     "The API key is in\nWORKOS_API_KEY.\n");
	for (r = rows; r < rows + NROWS; r++) {
		if (r->help == NULL)
			continue;
		if (r->argument != NULL && *r->argument == '[')
			snprintf(left, sizeof left, "%s[=%s]", r->name,
			    r->argument + 1);
		else
			snprintf(left, sizeof left, "%s %s", r->name,
			    r->argument != NULL ? r->argument : "");
		printf("  %-22s %s\n", left, r->help);
	}
	puts("  -v                     report each request\n\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 4 the API can't "
	     "continue after\nthe event, 75 try again later.");
	exit(descriptors_flush());
}

/* Why a stream with a jq program is nothing to go on from. */
#define DROPS "a cursor can't stand for what the program leaves out"

/* Options that go with another one only, and that do not go with one. */
static const struct pair {
	const char *option;
	enum { NEEDS, BARS } how;
	const char *other, *because;
} pairs[] = {
    {"--after", BARS, .other = "--since"},
    {"--cursor-time", NEEDS, .other = "--margin"},
    {"--follow", BARS, .other = "--until"},
    {"--gone", BARS, .other = "--list"},
    {"--jq", BARS, "--explain", DROPS},
    {"--jq", BARS, "--report", DROPS},
    {"--jq", BARS, "--tail-file", DROPS},
    {"--known", BARS, .other = "--explain"},
    {"--stay", NEEDS, .other = "--follow"},
};

static bool
is_given(const bool *given, const char *name)
{
	for (size_t i = 0; i < NROWS; i++)
		if (given[i] && strcmp(rows[i].name, name) == 0)
			return true;
	return false;
}

static void
check_all(const bool *given, int with, const char *other)
{
	for (size_t i = 0; i < NROWS; i++)
		if (given[i] && !(rows[i].goes_with & with))
			log_errx(STATUS_USAGE, "%s: it does not go with %s",
			    rows[i].name, other);
}

static void
check(const bool *given)
{
	const struct pair *p = pairs, *end = p + sizeof pairs / sizeof *pairs;

	if (is_given(given, "--from") && !is_given(given, "--explain"))
		check_all(given, SAVED, "--from");
	if (is_given(given, "--list"))
		check_all(given, LISTED, "--list");
	if (is_given(given, "--gone"))
		check_all(given, LISTED, "--gone");
	for (; p < end; p++) {
		if (!is_given(given, p->option) ||
		    is_given(given, p->other) == (p->how == NEEDS))
			continue;
		log_errx(STATUS_USAGE, "%s: it %s %s%s%s", p->option,
		    p->how == NEEDS ? "needs" : "does not go with", p->other,
		    p->because != NULL ? ": " : "",
		    p->because != NULL ? p->because : "");
	}
}

static void
parse(struct options *o, int argc, char **argv)
{
	struct option longs[NROWS + 1] = {{0}};
	bool given[NROWS] = {false};
	const struct row *r;
	int c;

	for (size_t i = 0; i < NROWS; i++)
		longs[i] = (struct option){rows[i].name + 2,
		    rows[i].argument == NULL   ? no_argument
		    : *rows[i].argument == '[' ? optional_argument
					       : required_argument,
		    NULL, A_ROW + (int)i};
	while ((c = getopt_long(argc, argv, "v", longs, NULL)) != -1) {
		if (c >= A_ROW) {
			r = &rows[c - A_ROW];
			given[c - A_ROW] = true;
			r->take(o, r, optarg);
		} else if (c == 'v') {
			o->client.verbose = true;
		} else {
			log_bad_option(argv);
			usage();
		}
	}
	check(given);
	o->file = argv + optind;
	o->nfiles = argc - optind;
	if (o->from != (o->nfiles > 0))
		usage();
}

/* What an option has for its default where the environment sets one. */
static void
read_environment(struct options *o)
{
	static const char pause_name[] = "WOS_FETCH_RETRY_PAUSE";
	static const char timeout_name[] = "WOS_FETCH_TIMEOUT";
	const char *pause = getenv(pause_name);
	const char *timeout = getenv(timeout_name);
	const char *base = getenv("WORKOS_BASE_URL");

	if (pause != NULL && *pause != '\0')
		o->client.pause_ms =
		    (unsigned)number(pause_name, pause, 1, RETRY_PAUSE_MAX_MS);
	if (timeout != NULL && *timeout != '\0')
		o->client.timeout_ms = milliseconds(timeout_name, timeout);
	o->client.base_url = base != NULL && *base != '\0' ? base : BASE_URL;
}

static void
read_types(struct options *o)
{
	struct buf why = {0};

	if (o->backfill != NULL) {
		if (types_add(&o->types, o->backfill, true, &why) == -1)
			log_errx(STATUS_USAGE, "--backfill: %s", buf_str(&why));
		return;
	}
	if (!o->some_types)
		types_add_default(&o->types, o->terms.rare);
	else if (types_add(&o->types, buf_str(&o->list), !o->from, &why) == -1)
		log_errx(STATUS_USAGE, "--events: %s", buf_str(&why));
	if (o->except.len > 0 &&
	    types_except(&o->types, buf_str(&o->except), &why) == -1)
		log_errx(STATUS_USAGE, "--except: %s", buf_str(&why));
	if (o->types.n == 0)
		log_errx(STATUS_FAILED,
		    "--except: no event type is left to ask for");
}

static void
read_tables(struct options *o)
{
	struct buf why = {0};

	if (wanted_read(&o->wanted, o->tables, &why) == -1)
		log_errx(STATUS_USAGE, "--list: %s", buf_str(&why));
}

void
options_read(struct options *o, int argc, char **argv)
{
	const char *base;

	*o = (struct options){
	    .client = {.timeout_ms = TIMEOUT_MS,
		.retries = RETRIES,
		.pause_ms = RETRY_PAUSE_MS,
		.jobs = 1,
		.rate_requests = RATE_REQUESTS,
		.rate_seconds = RATE_SECONDS},
	    .terms = {.since = TIME_NONE,
		.until = TIME_NONE,
		.margin = TIME_NONE,
		.passes_at = TIME_NONE,
		.stay_ms = INT64_MAX,
		.page_size = PAGE_SIZE,
		.max = UINT64_MAX},
	    .progress = isatty(STDERR_FILENO) != 0,
	};
	read_environment(o);
	base = o->client.base_url;
	parse(o, argc, argv);
	o->client.base_place =
	    o->client.base_url == base ? "WORKOS_BASE_URL" : "--base-url";
	if (o->backfill != NULL) { /* it neither stays nor looks back */
		o->terms.optional = true;
		o->terms.follow_ms = 0;
		o->range.margin = NULL;
	}
	if (o->lists)
		read_tables(o);
	else
		read_types(o);
	if (!o->from && !o->known && !o->lists)
		range_read(&o->range, &o->terms);
}

void
options_release(struct options *o)
{
	names_free(&o->types);
	wanted_free(&o->wanted);
	buf_free(&o->list);
	buf_free(&o->except);
}
