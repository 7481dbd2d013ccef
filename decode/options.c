/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "descriptors.h"
#include "log.h"
#include "options.h"

#define USAGE                                                                  \
	"usage: wos-decode [--jq FILTER] [--log-format text|json] [--strict] " \
	"[file ...]\n"                                                         \
	"       wos-decode --events\n"

static void
take_jq(struct options *o, const char *program)
{
	o->jq = program;
}

static void
take_log_format(struct options *o, const char *name)
{
	(void)o;
	log_format("--log-format", name);
}

static void
take_strict(struct options *o, const char *none)
{
	(void)none;
	o->strict = true;
}

static void
take_events(struct options *o, const char *none)
{
	(void)none;
	o->events = true;
}

static void help(struct options *o, const char *none);

static void
version(struct options *o, const char *none)
{
	(void)o, (void)none;
	printf("wos-decode %s\n", WOS_VERSION);
	exit(descriptors_flush());
}

static const struct {
	const char *name;
	const char *argument; /* as the help has it; NULL: it takes none */
	const char *help;
	void (*take)(struct options *o, const char *argument);
} option[] = {
    {"jq", "FILTER", "decode what this jq program makes of each line", take_jq},
    {"log-format", "json", "messages as lines of JSON, not as text",
	take_log_format},
    {"strict", NULL, "stop at the first line that can't be decoded, exit 1",
	take_strict},
    {"events", NULL, "print what each type of event does, and stop",
	take_events},
    {"help", NULL, "print this", help},
    {"version", NULL, "print the version", version},
};

#define NOPTIONS ((int)(sizeof option / sizeof option[0]))

static void
help(struct options *o, const char *none)
{
	int n;

	(void)o, (void)none;
	fputs(USAGE
	    "Reads WorkOS events as JSON lines, writes SQL for SQLite and "
	    "PostgreSQL.\n\n",
	    stdout);
	for (int i = 0; i < NOPTIONS; i++) {
		n = printf("  --%s %s", option[i].name,
		    option[i].argument ? option[i].argument : "");
		printf("%*s%s\n", 21 - n, "", option[i].help);
	}
	puts("\nExit status: 0 done, 1 failed, 2 wrong usage, 3 done, but some "
	     "lines were parked.");
	exit(descriptors_flush());
}

void
options_read(struct options *o, int argc, char **argv)
{
	struct option known[NOPTIONS + 1] = {{0}};
	int c;

	for (int i = 0; i < NOPTIONS; i++)
		known[i] = (struct option){.name = option[i].name,
		    .has_arg = option[i].argument != NULL,
		    .val = i + 1};
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c < 1 || c > NOPTIONS) {
			log_bad_option(argv);
			log_usage(USAGE);
		}
		option[c - 1].take(o, optarg);
	}
	o->files = argv + optind;
	if (o->events && (o->strict || o->jq != NULL || *o->files != NULL))
		log_usage(USAGE);
}
