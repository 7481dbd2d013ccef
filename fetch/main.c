/* SPDX-License-Identifier: MIT */
/*
 * wos-fetch: read events from the WorkOS Events API, write them as lines of
 * JSON.  It is the part that talks to the network and holds the key; what the
 * events mean is not its business.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counts.h"
#include "descriptors.h"
#include "heap.h"
#include "http/http.h"
#include "http/key.h"
#include "events/known.h"
#include "lists/crawl.h"
#include "log.h"
#include "events/page.h"
#include "events/range.h"
#include "events/report.h"
#include "events/saved.h"
#include "say.h"
#include "status.h"
#include "timestamp.h"
#include "trace/trace.h"
#include "events/walk.h"

#define BASE_URL "https://api.workos.com"
#define PAGE_SIZE 100 /* the most that the API gives at once */

/* In bytes: pages come and go, and most are larger. */
#define PAGE_BYTES (128 * 1024)

/* The highest descriptor that --report may name. */
#define DESCRIPTOR_MAX 65535

/* A request that may take hours is a mistake. */
#define TIMEOUT_MAX_S 3600

struct options {
	struct client_options client;
	struct walk_options walk;
	struct names events;
	struct buf events_list; /* all --events together */
	struct buf except_list; /* all --except */
	bool some_events;       /* there is such an option */
	const char *since, *until, *margin, *cursor_time, *key_file;
	const char *backfill; /* the types of --backfill */
	int report;           /* a descriptor, or -1 */
	bool explain;
	int progress; /* 1 or 0, or -1: on a terminal */
	bool from, known;
	bool list;               /* the objects, in place of events */
	const char *tables;      /* these, or NULL */
	const char *events_only; /* an option that --list has no use for */
	char **file;             /* operands, for --from */
	int nfiles;
	const char *network_only; /* an option that --from has no use for */
};

static const char usage_line[] =
    "usage: wos-fetch [--after EVENT_ID | --since TIME] [OPTION...] | "
    "wos-fetch --list[=TABLES] | "
    "wos-fetch --from FILE... | wos-fetch --known | wos-fetch --help\n";

static const char help_text[] =
    "usage: wos-fetch [--after EVENT_ID | --since TIME] [--until TIME]\n"
    "           [--events LIST] [--except LIST] [--rare] [--organization ID]\n"
    "           [--page-size N] [--max N] [--margin TIME] [--cursor-time "
    "TIME]\n"
    "           [--follow[=SECONDS]] [--stay TIME] [--until-eof]\n"
    "           [--tail-file FILE]\n"
    "           [--backfill LIST] [--probe EVENT_ID] [--report FD]\n"
    "           [--jobs N] [--rate REQUESTS[/SECONDS]]\n"
    "           [--base-url URL] [--api-key-file FILE] [--retries N]\n"
    "           [--retry-pause MS] [--timeout SECONDS]\n"
    "           [--progress | --no-progress] [--log-format text|json] [-v]\n"
    "       wos-fetch --list[=TABLES] [OPTION...]\n"
    "       wos-fetch --from [--events LIST] [--max N] FILE...\n"
    "       wos-fetch --explain | --known [OPTION...]\n"
    "       wos-fetch --lists | --help | --version\n"
    "\n"
    "Writes WorkOS events to standard output, a line of JSON each.  The API\n"
    "key is in WORKOS_API_KEY.  The manual has it all: man wos-fetch\n";

static _Noreturn void
usage(void)
{
	log_usage(usage_line);
}

/* For --help and --version: standard output is all they are for. */
static _Noreturn void
print_and_exit(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		die(STATUS_FAILED, "standard output: %s", strerror(errno));
	exit(STATUS_DONE);
}

/* What stands before the name of an option, and not before a variable's. */
static const char *
dashes(const char *name)
{
	return *name >= 'a' ? "--" : "";
}

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
		die(STATUS_USAGE,
		    "%s%s: %s: not a number from %" PRIu64 " to %" PRIu64,
		    dashes(name), name, text, least, most);
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
		die(STATUS_USAGE, "%s%s: %s: not a number of seconds up to %d",
		    dashes(name), name, text, TIMEOUT_MAX_S);
	return (long)(s * 1000);
}

/* What an option has for its default where the environment sets one. */
static void
read_environment(struct options *o)
{
	static const char pause_name[] = "WOS_FETCH_RETRY_PAUSE";
	static const char timeout_name[] = "WOS_FETCH_TIMEOUT";
	const char *pause = getenv(pause_name);
	const char *timeout = getenv(timeout_name);

	if (pause != NULL && *pause != '\0')
		o->client.pause_ms =
		    (long)number(pause_name, pause, 1, RETRY_PAUSE_MAX_MS);
	if (timeout != NULL && *timeout != '\0')
		o->client.timeout_ms = milliseconds(timeout_name, timeout);
}

static const char *
some_text(const char *option, const char *text)
{
	if (*text == '\0')
		die(STATUS_USAGE, "--%s: it is empty", option);
	return text;
}

/* What is passed on as the rest of a line. */
static const char *
line(const char *option, const char *text)
{
	for (const char *p = some_text(option, text); *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '\177')
			die(STATUS_USAGE, "--%s: control characters in an id",
			    option);
	return text;
}

static const char *
cursor(const char *option, const char *text)
{
	if (strlen(line(option, text)) > CURSOR_MAX)
		die(STATUS_USAGE, "--%s: too long for an event's id", option);
	return text;
}

/* Adds to what the options of that name have named so far. */
static void
add_list(struct buf *all, const char *list)
{
	if (all->len > 0)
		buf_putc(all, ',');
	buf_puts(all, list);
}

enum {
	OPT_AFTER = 256,
	OPT_API_KEY,
	OPT_API_KEY_FILE,
	OPT_BACKFILL,
	OPT_BASE_URL,
	OPT_CURSOR_TIME,
	OPT_EVENTS,
	OPT_EXCEPT,
	OPT_EXPLAIN,
	OPT_FOLLOW,
	OPT_FROM,
	OPT_HELP,
	OPT_JOBS,
	OPT_KNOWN,
	OPT_LIST,
	OPT_LISTS,
	OPT_LOG_FORMAT,
	OPT_MARGIN,
	OPT_MAX,
	OPT_NO_PROGRESS,
	OPT_ORGANIZATION,
	OPT_PAGE_SIZE,
	OPT_PROBE,
	OPT_PROGRESS,
	OPT_RARE,
	OPT_RATE,
	OPT_REPORT,
	OPT_RETRIES,
	OPT_RETRY_PAUSE,
	OPT_SINCE,
	OPT_STAY,
	OPT_TAIL_FILE,
	OPT_TIMEOUT,
	OPT_UNTIL,
	OPT_UNTIL_EOF,
	OPT_VERSION,
};

static const struct option long_options[] = {
    {"after", required_argument, NULL, OPT_AFTER},
    {"api-key", optional_argument, NULL, OPT_API_KEY},
    {"api-key-file", required_argument, NULL, OPT_API_KEY_FILE},
    {"backfill", required_argument, NULL, OPT_BACKFILL},
    {"base-url", required_argument, NULL, OPT_BASE_URL},
    {"cursor-time", required_argument, NULL, OPT_CURSOR_TIME},
    {"events", required_argument, NULL, OPT_EVENTS},
    {"except", required_argument, NULL, OPT_EXCEPT},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"follow", optional_argument, NULL, OPT_FOLLOW},
    {"from", no_argument, NULL, OPT_FROM},
    {"help", no_argument, NULL, OPT_HELP},
    {"jobs", required_argument, NULL, OPT_JOBS},
    {"known", no_argument, NULL, OPT_KNOWN},
    {"list", optional_argument, NULL, OPT_LIST},
    {"lists", no_argument, NULL, OPT_LISTS},
    {"log-format", required_argument, NULL, OPT_LOG_FORMAT},
    {"margin", required_argument, NULL, OPT_MARGIN},
    {"max", required_argument, NULL, OPT_MAX},
    {"no-progress", no_argument, NULL, OPT_NO_PROGRESS},
    {"organization", required_argument, NULL, OPT_ORGANIZATION},
    {"page-size", required_argument, NULL, OPT_PAGE_SIZE},
    {"probe", required_argument, NULL, OPT_PROBE},
    {"progress", no_argument, NULL, OPT_PROGRESS},
    {"rare", no_argument, NULL, OPT_RARE},
    {"rate", required_argument, NULL, OPT_RATE},
    {"report", required_argument, NULL, OPT_REPORT},
    {"retries", required_argument, NULL, OPT_RETRIES},
    {"retry-pause", required_argument, NULL, OPT_RETRY_PAUSE},
    {"since", required_argument, NULL, OPT_SINCE},
    {"stay", required_argument, NULL, OPT_STAY},
    {"tail-file", required_argument, NULL, OPT_TAIL_FILE},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"until", required_argument, NULL, OPT_UNTIL},
    {"until-eof", no_argument, NULL, OPT_UNTIL_EOF},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static void
set_rate(struct client_options *client, const char *text)
{
	if (rate_read(text, &client->rate_requests, &client->rate_seconds) ==
	    -1)
		die(STATUS_USAGE, "--rate: %s: not a rate: 80, or 4800/60",
		    text);
}

/* How to talk to the API.  Returns false if it is no such option. */
static bool
set_client_option(struct client_options *client, int c, const char *name)
{
	switch (c) {
	case OPT_BASE_URL:
		client->base_url = some_text(name, optarg);
		return true;
	case OPT_JOBS:
		client->jobs = (unsigned)number(name, optarg, 1, JOBS_MAX);
		return true;
	case OPT_RATE:
		set_rate(client, optarg);
		return true;
	case OPT_RETRIES:
		client->retries =
		    (unsigned)number(name, optarg, 0, RETRIES_MAX);
		return true;
	case OPT_RETRY_PAUSE:
		client->pause_ms =
		    (long)number(name, optarg, 1, RETRY_PAUSE_MAX_MS);
		return true;
	case OPT_TIMEOUT:
		client->timeout_ms = milliseconds(name, optarg);
		return true;
	default:
		return false;
	}
}

/* What to ask it for. */
static void
set_walk_option(struct options *o, int c, const char *name)
{
	struct walk_options *walk = &o->walk;

	switch (c) {
	case OPT_AFTER:
		walk->after = cursor(name, optarg);
		break;
	case OPT_API_KEY_FILE:
		o->key_file = optarg;
		break;
	case OPT_FOLLOW:
		walk->follow_ms =
		    optarg ? milliseconds(name, optarg) : FOLLOW_MS;
		break;
	case OPT_BACKFILL:
		o->backfill = some_text(name, optarg);
		break;
	case OPT_CURSOR_TIME:
		o->cursor_time = optarg;
		break;
	case OPT_MARGIN:
		o->margin = optarg;
		break;
	case OPT_NO_PROGRESS:
	case OPT_PROGRESS:
		o->progress = c == OPT_PROGRESS;
		break;
	case OPT_ORGANIZATION:
		walk->organization = line(name, optarg);
		break;
	case OPT_PROBE:
		walk->probe = cursor(name, optarg);
		break;
	case OPT_RARE:
		walk->rare = true;
		break;
	case OPT_REPORT:
		o->report = (int)number(name, optarg, 3, DESCRIPTOR_MAX);
		break;
	case OPT_UNTIL_EOF:
		walk->until_eof = true;
		break;
	case OPT_PAGE_SIZE:
		walk->page_size = (unsigned)number(name, optarg, 1, PAGE_SIZE);
		break;
	case OPT_SINCE:
		o->since = optarg;
		break;
	case OPT_STAY:
		if (time_read_span(optarg, &walk->stay_ms) == -1)
			die(STATUS_USAGE,
			    "--stay: %s: not a span of time: 90s, 7d", optarg);
		break;
	case OPT_TAIL_FILE:
		walk->tail_file = some_text(name, optarg);
		break;
	case OPT_UNTIL:
		o->until = optarg;
		break;
	default:
		usage();
	}
}

static _Noreturn void
show_lists(void)
{
	struct buf text = {0};

	wanted_show(&text);
	print_and_exit(buf_str(&text));
}

/* What says which events, and is of no use for lists. */
static bool
is_about_events(int c)
{
	return c != OPT_API_KEY_FILE && c != OPT_NO_PROGRESS &&
	       c != OPT_PROGRESS;
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int c, at = 0;

	while ((c = getopt_long(argc, argv, "v", long_options, &at)) != -1) {
		switch (c) {
		case 'v':
			o->client.verbose = true;
			break;
		case OPT_API_KEY:
			die(STATUS_USAGE,
			    "--api-key: a key does not belong on a command "
			    "line, which others can read: set WORKOS_API_KEY "
			    "or use --api-key-file");
		case OPT_EVENTS:
			if (o->some_events) /* one that is empty counts, too */
				buf_putc(&o->events_list, ',');
			buf_puts(&o->events_list, optarg);
			o->some_events = true;
			break;
		case OPT_EXCEPT:
			add_list(&o->except_list, optarg);
			break;
		case OPT_EXPLAIN:
			o->explain = true;
			break;
		case OPT_FROM:
			o->from = true;
			break;
		case OPT_HELP:
			print_and_exit(help_text);
		case OPT_KNOWN:
			o->known = true;
			break;
		case OPT_LIST:
			o->list = true;
			o->tables = optarg;
			break;
		case OPT_LISTS:
			show_lists();
		case OPT_LOG_FORMAT:
			log_format("--log-format", optarg);
			break;
		case OPT_MAX:
			o->walk.max = number("max", optarg, 1, UINT64_MAX - 1);
			break;
		case OPT_VERSION:
			print_and_exit("wos-fetch " WOS_VERSION "\n");
		case '?':
			log_bad_option(argv);
			usage();
		default:
			o->network_only = long_options[at].name;
			if (set_client_option(
				&o->client, c, long_options[at].name))
				break;
			set_walk_option(o, c, long_options[at].name);
			if (is_about_events(c))
				o->events_only = long_options[at].name;
		}
	}
	o->file = argv + optind;
	o->nfiles = argc - optind;
	if (o->from != (o->nfiles > 0) || o->from + o->known + o->list > 1)
		usage();
	if (o->some_events || o->except_list.len > 0)
		o->events_only = "events";
	if (o->walk.max != UINT64_MAX)
		o->events_only = "max";
	if (o->list && o->events_only != NULL)
		die(STATUS_USAGE, "--list takes no --%s", o->events_only);
}

/* Before that, in 1973, a number is more likely to count seconds. */
#define MS_PLAUSIBLE INT64_C(100000000000)

/* Returns true if it is an age. */
static bool
read_time(const char *name, const char *text, int64_t now, int64_t *ms)
{
	int64_t span;

	if (time_read(text, now, ms) == -1)
		die(STATUS_USAGE,
		    "%s: %s: not a time: 2026-01-31T12:00:00Z, "
		    "Unix milliseconds, or an age as 15m, 1h or 30d",
		    name, text);
	if (text[strspn(text, "0123456789")] == '\0' && *ms > 0 &&
	    *ms < MS_PLAUSIBLE)
		say("%s: %s: taken as milliseconds since 1970, not seconds",
		    name, text);
	return time_read_span(text, &span) == 0;
}

/* The time in an id may be a millisecond beside the event's own. */
#define MARGIN_SLACK_MS 1

/*
 * With a margin the stream begins some time before the cursor, and has to come
 * to it: an API that does not list that event any more has forgotten it.
 */
static void
read_margin(struct options *o, int64_t now)
{
	struct walk_options *walk = &o->walk;
	int64_t at;

	if (o->margin == NULL)
		return;
	if (time_read_span(o->margin, &walk->margin) == -1)
		die(STATUS_USAGE, "--margin: %s: not a span of time: 90s, 5m",
		    o->margin);
	if (walk->after == NULL || walk->margin == 0)
		return;
	if (o->cursor_time != NULL)
		read_time("--cursor-time", o->cursor_time, now, &at);
	else if (timestamp_of_ulid(walk->after, strlen(walk->after), &at) == -1)
		at = TIME_NONE;
	if (at == TIME_NONE) {
		say("--margin: %s: there is no time in this id: "
		    "starting right after it",
		    walk->after);
		return;
	}
	walk->since = at - walk->margin;
	if (walk->until == TIME_NONE || walk->until > at + MARGIN_SLACK_MS) {
		walk->passes_at = at + MARGIN_SLACK_MS;
		walk->probe = walk->after;
	}
	if (walk->until != TIME_NONE && walk->since >= walk->until)
		walk->max = 0; /* there is nothing before the end */
}

/* A cursor past the end would find nothing for ever, and look like success. */
static void
warn_of_range(const struct walk_options *walk)
{
	int64_t at;

	if (timestamp_of_ulid(walk->after, strlen(walk->after), &at) == 0 &&
	    at >= walk->until)
		say("%s: this event is not before the end of the range: "
		    "there is nothing to fetch",
		    walk->after);
}

static void
read_range_start(struct walk_options *walk, const char *text, int64_t now)
{
	walk->since_is_age =
	    read_time("EVENTS_RANGE_START", text, now, &walk->since);
	walk->from_environment = true;
}

/* An option beats the environment, and --after stands for a beginning. */
static void
read_range(struct options *o)
{
	const char *start = getenv("EVENTS_RANGE_START");
	const char *end = getenv("EVENTS_RANGE_END");
	struct walk_options *walk = &o->walk;
	int64_t now = time_now();

	if (walk->after != NULL && o->since != NULL)
		die(STATUS_USAGE, "--after and --since exclude each other");
	if (o->since != NULL)
		walk->since_is_age =
		    read_time("--since", o->since, now, &walk->since);
	else if (walk->after == NULL && start != NULL && *start != '\0')
		read_range_start(walk, start, now);
	if (o->until != NULL)
		read_time("--until", o->until, now, &walk->until);
	else if (end != NULL && *end != '\0')
		read_time("EVENTS_RANGE_END", end, now, &walk->until);
	if (walk->since != TIME_NONE && walk->until != TIME_NONE &&
	    walk->since >= walk->until)
		die(STATUS_USAGE, "the range ends before it begins");
	if (walk->follow_ms > 0 && walk->until != TIME_NONE)
		die(STATUS_USAGE, "--follow and --until exclude each other");
	read_margin(o, now);
	if (walk->after != NULL && walk->until != TIME_NONE)
		warn_of_range(walk);
}

static int
except_events(struct options *o, struct buf *why)
{
	if (o->except_list.len == 0)
		return 0;
	return events_except(&o->events, buf_str(&o->except_list), why);
}

static void
read_events(struct options *o)
{
	struct buf why = {0};

	if (o->backfill != NULL) {
		if (events_add(&o->events, o->backfill, true, &why) == -1)
			die(STATUS_USAGE, "--backfill: %s", buf_str(&why));
		return;
	}
	if (!o->some_events)
		events_add_default(&o->events, o->walk.rare);
	else if (events_add(&o->events, buf_str(&o->events_list), !o->from,
		     &why) == -1)
		die(STATUS_USAGE, "--events: %s", buf_str(&why));
	if (except_events(o, &why) == -1)
		die(STATUS_USAGE, "--except: %s", buf_str(&why));
	if (o->events.n == 0)
		die(STATUS_FAILED, "no event type is left to ask for");
}

/* What a back-fill is not concerned with, whoever has asked for it. */
static void
read_backfill(struct options *o)
{
	if (o->backfill == NULL)
		return;
	o->walk.optional = true;
	o->walk.follow_ms = 0;
	o->margin = NULL;
}

/* Prints the stream's terms, or begins to report by them. */
static void
tell_terms(struct options *o)
{
	struct buf terms = {0};

	report_add_terms(&terms, o->from ? NULL : &o->walk, &o->events);
	if (o->report != -1)
		report_begin(o->report, &terms);
	if (o->explain)
		print_and_exit(buf_str(&terms));
	buf_free(&terms);
}

static int
list(struct client *c, const struct options *o)
{
	struct wanted w;
	struct buf why = {0};
	int status;

	if (wanted_read(&w, o->tables, &why) == -1)
		die(STATUS_USAGE, "--list: %s", buf_str(&why));
	status = crawl(c, &w, o->walk.progress);
	wanted_free(&w);
	return status;
}

static int
fetch(struct options *o)
{
	static struct client client;
	const char *base = getenv("WORKOS_BASE_URL");
	char *key = key_read(o->key_file);
	int status;

	o->client.base_place = "--base-url";
	if (o->client.base_url == NULL) {
		o->client.base_url = base && *base ? base : BASE_URL;
		o->client.base_place = "WORKOS_BASE_URL";
	}
	o->client.key = key;
	o->walk.progress =
	    o->progress == -1 ? isatty(STDERR_FILENO) != 0 : o->progress != 0;
	client_init(&client, &o->client);
	if (o->list)
		status = list(&client, o);
	else
		status = o->known ? known(&client)
				  : walk(&client, &o->events, &o->walk);
	client_release(&client);
	say_secret("");
	key_free(key);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o = {
	    .client = {.timeout_ms = TIMEOUT_MS,
		.retries = RETRIES,
		.pause_ms = RETRY_PAUSE_MS,
		.jobs = 1,
		.rate_requests = RATE_REQUESTS,
		.rate_seconds = RATE_SECONDS},
	    .progress = -1,
	    .report = -1,
	    .walk = {.since = TIME_NONE,
		.until = TIME_NONE,
		.margin = TIME_NONE,
		.passes_at = TIME_NONE,
		.stay_ms = INT64_MAX,
		.page_size = PAGE_SIZE,
		.max = UINT64_MAX},
	};
	int status = STATUS_DONE;

	key_guard();
	log_init();
	if (fcntl(STDOUT_FILENO, F_GETFD) == -1)
		die(STATUS_FAILED, "standard output is closed");
	descriptors_keep();
	counts_init();
	heap_give_back(PAGE_BYTES);
	read_environment(&o);
	read_options(&o, argc, argv);
	if (!o.explain)
		trace_init("wos-fetch");
	read_backfill(&o);
	read_events(&o);
	if (!o.from && !o.known && !o.list)
		read_range(&o);
	o.walk.key_of_file = o.key_file != NULL;
	if (!o.known && !o.list)
		tell_terms(&o);
	if (!o.from) {
		status = fetch(&o);
	} else if (o.network_only != NULL) {
		die(STATUS_USAGE, "--from takes no --%s", o.network_only);
	} else {
		saved_write(o.file, o.nfiles, o.some_events ? &o.events : NULL,
		    o.walk.max);
	}
	names_free(&o.events);
	buf_free(&o.events_list);
	buf_free(&o.except_list);
	trace_exiting(status);
	return status;
}
