/* SPDX-License-Identifier: MIT */
/*
 * wos-decode: read events as JSON lines, write a group of SQL for each.
 * Touches neither network nor database: it handles bytes a stranger chose.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"
#include "confine/confine.h"
#include "descriptors.h"
#include "erase.h"
#include "events.h"
#include "heap.h"
#include "jq_memory.h"
#include "log.h"
#include "status.h"
#include "stream.h"
#include "trace/trace.h"

/* More than a piece of output takes: what only a huge event needs. */
#define HUGE_BYTES (1024 * 1024)

/* What the command line says. */
struct options {
	bool strict;
	bool verbose;
	bool events;       /* only say what each type of event does */
	const char *jq;    /* a program, or NULL */
	const char *erase; /* a file that names people, or NULL */
};

#define USAGE                                                                  \
	"usage: wos-decode [-v] [--jq FILTER] [--log-format text|json] "       \
	"[--strict]\n"                                                         \
	"                  [file ...]\n"                                       \
	"       wos-decode --erase FILE [-v] [file ...]\n"                     \
	"       wos-decode --events\n"

#define AT(member) .at = offsetof(struct options, member)

static const struct cli_row rows[] = {
    {"--jq", "FILTER", "decode what this jq program makes of each line",
	cli_text, AT(jq)},
    {"--strict", NULL, "stop at the first line that can't be decoded, exit 1",
	cli_flag, AT(strict)},
    {"--verbose", NULL, "say what it is confined to", cli_flag, AT(verbose),
	.letter = 'v'},
    {"--erase", "FILE",
	"write the lines without what is of the people it names", cli_text,
	AT(erase), .bars = "--jq --strict"},
    {"--events", NULL, "print what each type of event does, and stop", cli_flag,
	AT(events), .with = ""},
};

static struct cli cli = {
    .name = "wos-decode",
    .usage = USAGE,
    .head = USAGE "Reads WorkOS events as JSON lines, writes SQL for SQLite "
		  "and PostgreSQL.\n",
    .tail = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 done, but some "
	    "lines were parked.",
    .rows = rows,
    .nrows = sizeof rows / sizeof rows[0],
};

static struct stream stream;

/* At the end, whichever: how many were parked without a word. */
static void
complain_of_rest(void)
{
	if (stream.parked <= LOG_PARKED_MOST)
		return;
	log_field_int("parked", stream.parked);
	log_warnx("%" PRId64 " more lines were parked",
	    stream.parked - LOG_PARKED_MOST);
}

/* Bytes that strangers chose are read with nothing else in reach. */
static void
confine(char *const *file, bool tell)
{
	struct confine c;

	confine_begin(&c, 0);
	for (; *file != NULL; file++)
		confine_path(&c, CONFINE_READ, *file);
	confine_end(&c, tell);
}

/* Only takes lines through: all that it reads is open before. */
static int
erase(const struct options *o, char **file)
{
	struct erase *e = erase_open(o->erase, file);

	confine(file, o->verbose);
	return erase_lines(e);
}

int
main(int argc, char **argv)
{
	struct options o = {0};
	struct filter *filter = NULL;
	char **file;
	int status;

	log_init();
	jq_memory_init();
	descriptors_keep();
	heap_give_back(HUGE_BYTES);
	file = cli_read(&cli, &o, argc, argv);
	if (o.events && *file != NULL)
		log_errx(STATUS_USAGE, "--events: no file goes with it");
	if (o.events)
		return events_print();
	if (o.erase != NULL)
		return erase(&o, file);
	if (o.jq != NULL)
		filter = filter_new(o.jq);
	stream.strict = o.strict;
	stream.decoder = decoder_new(filter);
	stream_trace(&stream);
	atexit(complain_of_rest);
	confine(file, o.verbose);
	if (*file == NULL)
		stream_file(&stream, "-");
	for (; *file != NULL; file++)
		stream_file(&stream, *file);
	decoder_free(stream.decoder);
	filter_free(filter);
	status = stream.parked > 0 ? STATUS_PARKED : STATUS_DONE;
	trace_exiting(status);
	return status;
}
