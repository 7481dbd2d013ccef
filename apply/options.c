/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "change/feed.h"
#include "cli.h"
#include "clock.h"
#include "cursor_find.h"
#include "log.h"
#include "options.h"
#include "status.h"
#include "stream/totals.h"
#include "timestamp.h"
#include "utf8.h"

/* Events in a transaction, at most; a batch is bounded by its bytes too. */
#define BATCH_MOST 1000000

/* An hour: whoever waits longer has another problem. */
#define BUSY_MS_MOST 3600000

/* One line: the manual has a synopsis for each of its questions. */
#define USAGE "usage: wos-apply [options] DATABASE [FILE ...]\n"

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
take_ms(void *to, const struct cli_row *r, const char *text)
{
	*(int64_t *)to = options_ms(r->name, &text, '\0');
}

/* A time as people write it, or in Unix milliseconds. */
static void
take_before(void *to, const struct cli_row *r, const char *text)
{
	if (timestamp_parse(text, strlen(text), to) == 0)
		return;
	if (strspn(text, "0123456789") != strlen(text))
		log_errx(STATUS_USAGE,
		    "%s: %s: not a time, such as 2026-11-01 or "
		    "2026-11-01T12:00:00Z",
		    r->name, text);
	take_ms(to, r, text);
}

static void
take_kind(void *to, const struct cli_row *r, const char *text)
{
	if (strcmp(text, "line") != 0 && strcmp(text, "group") != 0 &&
	    strcmp(text, "beginning") != 0)
		log_errx(STATUS_USAGE,
		    "%s: %s: neither line, group nor beginning", r->name, text);
	cli_text(to, r, text);
}

static void
take_channel(void *to, const struct cli_row *r, const char *text)
{
	if (text == NULL)
		text = FEED_CHANNEL;
	if (*text == '\0' || strlen(text) > FEED_CHANNEL_MAX ||
	    utf8_span(text, strlen(text)) < strlen(text))
		log_errx(STATUS_USAGE, "%s: %s: not the name of a channel",
		    r->name, text);
	cli_text(to, r, text);
}

/* `least` is its place in the list; `question` is still the list's first. */
static void
take_question(void *to, const struct cli_row *r, const char *text)
{
	struct options *o = to;

	if (o->question->option != NULL) /* the same one twice, too */
		log_errx(STATUS_USAGE, "%s: it does not go with %s", r->name,
		    o->question->option);
	o->question += r->least;
	o->argument = text;
}

#define AT(member) .at = offsetof(struct options, member)

static const struct cli_row rows[] = {
    {"--after", "EVENT_ID", "the stream continues this event", cli_text,
	AT(after)},
    {"--restart", NULL, "the stream takes the cursor's place", cli_flag,
	AT(restart), .bars = "--after"},
    {"--dry-run", NULL, "print what would change, change nothing", cli_flag,
	AT(dry)},
    {"--verify", NULL, "compare lists with the rows, for wos-verify", cli_flag,
	AT(verify), .bars = "--dry-run"},
    {"--json", NULL, "as JSON: with --dry-run, --verify or --status", cli_flag,
	AT(json), .needs = "--dry-run or --verify"},
    {"--changes", NULL, "print each change once it is committed", cli_flag,
	AT(changes), .bars = "--dry-run --verify"},
    {"--notify", "[=CHANNEL]",
	"send it by PostgreSQL's NOTIFY (" FEED_CHANNEL ")", take_channel,
	AT(channel), .bars = "--dry-run --verify"},
    {"--batch", "N", "events in a transaction (4000)", cli_number, AT(batch),
	.least = 1, .most = BATCH_MOST},
    {"--cursor-name", "NAME", "move this cursor (default)", cli_text, AT(only)},
    {"--no-cursor", NULL, "move none", cli_flag, AT(no_cursor),
	.bars = "--cursor-name"},
    {"--empty", NULL, "only if it has no rows yet, for wos-rebuild", cli_flag,
	AT(empty), .bars = "--dry-run --verify"},
    {"--report", "FD", "what wos-fetch --report says of the stream",
	cli_descriptor, AT(report)},
    {"--fill", "EVENT_ID", "the stream is what the cursor lacks up to it",
	cli_text, AT(fill), .needs = "--report",
	.bars = "--after --restart --no-cursor"},
    {"--busy-timeout", "MS", "wait so long for other programs (10000)",
	cli_number, AT(busy_ms), .most = BUSY_MS_MOST, .always = true},
    {"--api-token-file", "FILE", "with d1:...: the API token is its first line",
	cli_text, AT(token_file), .always = true},
    {"--verbose", NULL, "say what was done", cli_flag, AT(verbose),
	.letter = 'v', .always = true},
};

/* What goes with questions alone. */
static const struct cli_row parts[] = {
    {"--kind", "KIND", "with --parked: a line, a group or a beginning",
	take_kind, AT(kind)},
    {"--before", "TIME", "that was parked before this time", take_before,
	AT(before)},
    {"--until", "TIME|EVENT_ID", "with --export: what had happened by then",
	cli_text, AT(until)},
    {"--listing", NULL, "with --lock-file: the one of who lists everything",
	cli_flag, AT(listing)},
    {"--locking", "FD", "with --plan: lock this first, as --lock does",
	cli_descriptor, AT(locking)},
    {"--began", "TIME", "of a run of wos-sync that began at this time", take_ms,
	AT(began), .bars = "--dry-run --verify"},
    {"--exit-status", "N", "and ended with this status", cli_number,
	AT(exit_status), .most = AT_WORK - 1},
    {"--follow", NULL, "and stays, or has stayed", cli_flag, AT(follow)},
    {"--behind", "TIME",
	"with --status: behind, if its end went unseen for so long (15m)",
	cli_span, AT(behind)},
    {"--stale", "TIME", "stale, if nothing was read for so long (20d)",
	cli_span, AT(stale)},
    {"--days", "N", "about the last N days (30)", cli_number, AT(days),
	.most = STATUS_DAYS_MAX},
    {"--facts", "AGE", "with --prune: and facts that are older than that",
	cli_span, AT(facts)},
    {"--margin", "SPAN", "with --plan: begin so long before the cursor's event",
	cli_span, AT(margin)},
    {"--now", "TIME", "as of this time", take_ms, AT(now)},
    {"--repaired", NULL, "with --verify-end: and all of it was put right",
	cli_flag, AT(repaired)},
};

#define NROWS (sizeof rows / sizeof rows[0])
#define NPARTS (sizeof parts / sizeof parts[0])

/* Unless an operand names it; or NULL. */
static const char *
database_of_environment(void)
{
	static const char *const names[] = {"WOS_DATABASE", "DATABASE_URL"};
	const char *value;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if ((value = getenv(names[i])) != NULL && *value != '\0')
			return value;
	return NULL;
}

/* The database and files behind it. */
static void
take_operands(struct options *o, char **word)
{
	const struct question *q = o->question;

	if (!q->no_database) {
		o->database =
		    *word != NULL ? *word++ : database_of_environment();
		if (o->database == NULL)
			log_errx(STATUS_USAGE, "no DATABASE: name it, or set "
					       "WOS_DATABASE or DATABASE_URL");
	}
	if (*word != NULL && !q->files)
		log_errx(STATUS_USAGE, "there is a word too many%s%s",
		    q->option != NULL ? " for " : "",
		    q->option != NULL ? q->option : "");
	o->files = word;
}

void
options_parse(struct options *o, const struct question *list, size_t n,
    int argc, char **argv)
{
	struct cli_row all[CLI_ROWS_MOST];
	struct cli cli = {.name = "wos-apply",
	    .usage = USAGE "wos-apply --help has the options\n",
	    .head = USAGE
	    "Runs the SQL of wos-decode on a SQLite file, in "
	    "PostgreSQL or in D1.  Without\nDATABASE, it is the one in "
	    "WOS_DATABASE or DATABASE_URL.\n",
	    .tail = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 done, but "
		    "some events were parked, 75 another program holds the "
		    "database.",
	    .rows = all,
	    .nrows = NROWS + n - 1 + NPARTS,
	    .with = list->with};

	*o = (struct options){.question = list,
	    .batch = BATCH_EVENTS,
	    .busy_ms = DB_BUSY_MS,
	    .days = STATUS_DAYS,
	    .behind = STATUS_BEHIND,
	    .stale = STATUS_STALE,
	    .facts = -1,
	    .margin = -1,
	    .now = time_now(),
	    .exit_status = AT_WORK,
	    .before = INT64_MAX};
	memcpy(all, rows, sizeof rows);
	for (size_t i = 1; i < n; i++)
		all[NROWS + i - 1] = (struct cli_row){list[i].option,
		    list[i].argument, list[i].help, take_question, .least = i,
		    .with = list[i].with != NULL ? list[i].with : ""};
	memcpy(all + NROWS + n - 1, parts, sizeof parts);
	argv = cli_read(&cli, o, argc, argv);
	o->dry = o->dry || o->verify;
	o->cursor = o->only != NULL ? o->only : CURSOR_DEFAULT;
	take_operands(o, argv);
}
