/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "cli.h"
#include "clock.h"
#include "descriptors.h"
#include "events/page.h"
#include "events/types.h"
#include "log.h"
#include "options.h"
#include "refusal.h"
#include "status.h"

#define BASE_URL "https://api.workos.com"

/* A request that may take hours is a mistake. */
#define TIMEOUT_MAX_S 3600

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

/* An id, which goes into a query, and into a report as the rest of a line. */
static void
take_id(void *to, const struct cli_row *r, const char *text)
{
	cli_text(to, r, text);
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
take_types(void *to, const struct cli_row *r, const char *text)
{
	(void)r;
	buf_putc(to, ',');
	buf_puts(to, text);
}

static void
take_seconds(void *to, const struct cli_row *r, const char *text)
{
	*(long *)to = milliseconds(r->name, text);
}

static void
take_follow(void *to, const struct cli_row *r, const char *text)
{
	*(int64_t *)to = text != NULL ? milliseconds(r->name, text) : FOLLOW_MS;
}

static void
take_key(void *to, const struct cli_row *r, const char *text)
{
	(void)to, (void)text;
	log_errx(STATUS_USAGE,
	    "%s: a key does not belong on a command line, which others can "
	    "read: set WORKOS_API_KEY or use --api-key-file",
	    r->name);
}

static void
take_max(void *to, const struct cli_row *r, const char *text)
{
	*(uint64_t *)to = cli_read_number(r->name, text, 1, UINT64_MAX - 1);
}

static void
take_no(void *to, const struct cli_row *r, const char *text)
{
	(void)r, (void)text;
	*(bool *)to = false;
}

static void
take_base(void *to, const struct cli_row *r, const char *text)
{
	struct client_options *c = to;

	cli_text(&c->base_url, r, text);
	c->base_place = r->name;
}

static void
take_rate(void *to, const struct cli_row *r, const char *text)
{
	struct client_options *c = to;

	if (rate_read(text, &c->rate_requests, &c->rate_seconds) == -1)
		log_errx(STATUS_USAGE, "%s: %s: not a rate: 80, or 4800/60",
		    r->name, text);
}

static void
take_list(void *to, const struct cli_row *r, const char *text)
{
	struct options *o = to;

	(void)r;
	o->lists = true;
	o->tables = text;
}

static void
take_if_known(void *to, const struct cli_row *r, const char *text)
{
	struct options *o = to;
	const char *why = known_fault(text);

	if (why == NULL && o->nif_known == KNOWN_MAX)
		why = "there are too many of them";
	if (why != NULL)
		log_errx(STATUS_USAGE, "%s: %s: %s", r->name, text, why);
	o->if_known[o->nif_known++] = text;
}

static void
show_lists(void *to, const struct cli_row *r, const char *text)
{
	struct buf lists = {0};

	(void)to, (void)r, (void)text;
	wanted_show(&lists);
	fputs(buf_str(&lists), stdout);
	exit(descriptors_flush());
}

#define AT(member) .at = offsetof(struct options, member)

/* Why a stream with a jq program is nothing to go on from. */
#define DROPS "a cursor can't stand for what the program leaves out"

/* What goes with --list. */
#define LISTED                                                                 \
	"--jq --jobs --rate --base-url --api-key-file --retries "              \
	"--retry-pause --timeout --progress --no-progress"

static const struct cli_row rows[] = {
    {"--after", "EVENT_ID", "begin with the event that comes after this one",
	take_id, AT(terms.after), .least = 1, .most = CURSOR_MAX,
	.bars = "--since"},
    {"--since", "TIME",
	"begin with the events of this moment: 2026-11-01, "
	"2026-11-01T12:00:00Z, or an age such as 90m or 7d",
	cli_text, AT(range.since)},
    {"--until", "TIME", "end before the events of this moment", cli_text,
	AT(range.until)},
    {"--events", "LIST",
	"ask for these types only: names and patterns, as in "
	"'user.*,organization.*'",
	take_types, AT(list)},
    {"--except", "LIST", "but not for these", take_types, AT(except)},
    {"--rare", NULL, "ask also for types that the API may not list", cli_flag,
	AT(terms.rare)},
    {"--organization", "ID", "ask for events of this organization only",
	take_id, AT(terms.organization), .least = 1, .most = SIZE_MAX},
    {"--max", "N", "end after so many events", take_max, AT(terms.max)},
    {"--jq", "PROGRAM", "print what this jq program makes of each line",
	cli_text, AT(jq), .bars = "--ended --explain --report --tail-file",
	.because = DROPS},
    {"--margin", "SPAN",
	"with --after: begin so long before its event (5m, 1h), for events "
	"that the API lists late",
	cli_span, AT(terms.margin)},
    {"--cursor-time", "TIME", "with --after or --probe: that event's time",
	cli_text, AT(range.cursor_time), .needs = "--after or --probe"},
    {"--follow", "[=SECONDS]", "stay, and ask again after so many seconds (5)",
	take_follow, AT(terms.follow_ms), .bars = "--until"},
    {"--stay", "SPAN", "with --follow: but no longer than that", cli_span,
	AT(terms.stay_ms), .needs = "--follow"},
    {"--until-eof", NULL, "end when standard input ends, too", cli_flag,
	AT(terms.until_eof)},
    {"--tail-file", "FILE",
	"write there when the end of the stream was last seen", cli_text,
	AT(terms.tail_file), .least = 1},
    {"--report", "FD",
	"write to this descriptor what the stream holds, for wos-apply "
	"--report",
	cli_descriptor, AT(report)},
    {"--backfill", "LIST",
	"ask for these types only, and don't fail if the API takes none",
	cli_text, AT(backfill), .least = 1},
    {"--probe", "EVENT_ID",
	"fail with status 4 unless the API knows this event", take_id,
	AT(terms.probe), .least = 1, .most = CURSOR_MAX},
    {"--if-known", "KIND=ID",
	"fail unless the API knows this user or organization, or another one "
	"that is named so",
	.take = take_if_known},
    {"--page-size", "N", "events to ask for in one request (100)", cli_number,
	AT(terms.page_size), .least = 1, .most = PAGE_SIZE},
    {"--jobs", "N", "connections to use at once (1)", cli_number,
	AT(client.jobs), .least = 1, .most = JOBS_MAX},
    {"--rate", "N[/SECONDS]",
	"requests to send in a time, 60 seconds unless given (4800/60)",
	take_rate, AT(client)},
    {"--base-url", "URL",
	"address of the API, also WORKOS_BASE_URL (https://api.workos.com)",
	take_base, AT(client), .least = 1, .variable = "WORKOS_BASE_URL"},
    {"--api-key", "[=KEY]", NULL, .take = take_key},
    {"--api-key-file", "FILE",
	"read the API key from the first line of this file", cli_text,
	AT(key_file), .least = 1},
    {"--retries", "N", "repeat a request that failed so often (5)", cli_number,
	AT(client.retries), .most = RETRIES_MAX},
    {"--retry-pause", "MS", "milliseconds before the first repetition (500)",
	cli_number, AT(client.pause_ms), .least = 1, .most = RETRY_PAUSE_MAX_MS,
	.variable = "WOS_FETCH_RETRY_PAUSE"},
    {"--timeout", "SECONDS", "seconds that one request may take (60)",
	take_seconds, AT(client.timeout_ms), .variable = "WOS_FETCH_TIMEOUT"},
    {"--progress", NULL,
	"show on standard error how far it is, as on a terminal", cli_flag,
	AT(progress)},
    {"--no-progress", NULL, "don't show that on a terminal either", take_no,
	AT(progress)},
    {"--from", NULL, "read events from files that were saved, not from the API",
	cli_flag, AT(from), .with = "--events --except --max --jq",
	.unless = "--explain"},
    {"--explain", NULL, "print what would be asked for, and ask nothing",
	cli_flag, AT(explain)},
    {"--list", "[=TABLES]",
	"write the objects that there are (of these tables), not events",
	take_list, .with = LISTED, .unless = "--ended"},
    {"--ended", NULL, "with --list: leave out lists that standard input names",
	cli_flag, AT(ended), .needs = "--list"},
    {"--lists", NULL,
	"print the tables that have lists, and the lists' addresses",
	.take = show_lists},
    {"--check", NULL,
	"print whether all is there that it needs, for wos-doctor", cli_flag,
	AT(check),
	.with = "--rate --base-url --api-key-file --retries --retry-pause "
		"--timeout",
	.bars = "--list --known --gone"},
    {"--known", NULL,
	"ask the API whether it knows the objects that standard input names",
	cli_flag, AT(known), .bars = "--explain"},
    {"--gone", NULL,
	"print which lines of standard input are about objects that the API "
	"does not have",
	cli_flag, AT(gone), .with = LISTED, .bars = "--list"},
    {"--verbose", NULL, "report each request on standard error", cli_flag,
	AT(client.verbose), .letter = 'v', .always = true},
};

#define USAGE                                                                  \
	"usage: wos-fetch [--after EVENT_ID | --since TIME] [OPTION...]\n"     \
	"       wos-fetch --list[=TABLES] [OPTION...]\n"                       \
	"       wos-fetch --from [OPTION...] FILE...\n"                        \
	"       wos-fetch --explain | --check | --known | --gone "             \
	"[OPTION...]\n"                                                        \
	"       wos-fetch --help\n"

static struct cli cli = {
    .name = "wos-fetch",
    .usage = USAGE,
    .head =
	USAGE "Writes WorkOS events to standard output, a line of JSON each.  "
	      "The API key is in\nWORKOS_API_KEY.\n",
    .tail = "Exit status: 0 done, 1 failed, 2 wrong usage, 4 the API can't "
	    "continue after the event, 75 try again later.",
    .rows = rows,
    .nrows = sizeof rows / sizeof rows[0],
};

static void
read_types(struct options *o)
{
	struct buf why = {0};

	if (o->backfill != NULL) {
		if (types_add(&o->types, o->backfill, true, &why) == -1)
			log_errx(STATUS_USAGE, "--backfill: %s", buf_str(&why));
		return;
	}
	if (o->list.len == 0)
		types_add_default(&o->types, o->terms.rare);
	else if (types_add(&o->types, buf_str(&o->list) + 1, !o->from, &why) ==
		 -1)
		log_errx(STATUS_USAGE, "--events: %s", buf_str(&why));
	if (o->except.len > 1 &&
	    types_except(&o->types, buf_str(&o->except) + 1, &why) == -1)
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
	if (o->ended)
		wanted_read_ended(&o->wanted, stdin);
}

void
options_read(struct options *o, int argc, char **argv)
{
	*o = (struct options){
	    .client = {.base_url = BASE_URL,
		.timeout_ms = TIMEOUT_MS,
		.low_speed_s = LOW_SPEED_S,
		.retries = RETRIES,
		.pause_ms = RETRY_PAUSE_MS,
		.jobs = 1,
		.body_max = PAGE_MAX,
		.agent = "wos-fetch/" WOS_VERSION,
		.refusal = refusal_add,
		.rate_requests = RATE_REQUESTS,
		.rate_seconds = RATE_SECONDS},
	    .terms = {.since = TIME_NONE,
		.until = TIME_NONE,
		.margin = TIME_NONE,
		.cursor_at = TIME_NONE,
		.passes_at = TIME_NONE,
		.stay_ms = INT64_MAX,
		.page_size = PAGE_SIZE,
		.max = UINT64_MAX},
	    .progress = isatty(STDERR_FILENO) != 0,
	};
	o->file = cli_read(&cli, o, argc, argv);
	o->nfiles = (int)(argv + argc - o->file);
	if (o->from && o->nfiles == 0)
		log_errx(STATUS_USAGE,
		    "--from: no file is named; - is standard input");
	if (!o->from && o->nfiles > 0)
		log_errx(STATUS_USAGE,
		    "there is a word too many: files need --from, and a "
		    "script takes one DATABASE");
	if (o->backfill != NULL) { /* it neither stays nor looks back */
		o->terms.optional = true;
		o->terms.follow_ms = 0;
		o->terms.margin = TIME_NONE;
	}
	if (o->lists)
		read_tables(o);
	else
		read_types(o);
	if (!o->from && !o->check && !o->known && !o->gone && !o->lists)
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
