/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cli.h"
#include "descriptors.h"
#include "duration.h"
#include "log.h"
#include "nearest.h"
#include "status.h"

/* Of --help: where it wraps, and where the text of an option begins. */
enum { WIDTH = 80, COLUMN = 25 };

/* What getopt_long(3) calls the first row. */
#define A_ROW 256

void
cli_flag(void *to, const struct cli_row *r, const char *text)
{
	(void)r, (void)text;
	*(bool *)to = true;
}

void
cli_text(void *to, const struct cli_row *r, const char *text)
{
	if (strlen(text) < r->least)
		log_errx(STATUS_USAGE, "%s: it is empty", r->name);
	*(const char **)to = text;
}

uint64_t
cli_read_number(
    const char *place, const char *text, uint64_t least, uint64_t most)
{
	uintmax_t value;
	char *end;

	errno = 0;
	value = strtoumax(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    value < least || value > most)
		log_errx(STATUS_USAGE,
		    "%s: %s: not a number from %" PRIu64 " to %" PRIu64, place,
		    text, least, most);
	return value;
}

void
cli_number(void *to, const struct cli_row *r, const char *text)
{
	*(unsigned *)to =
	    (unsigned)cli_read_number(r->name, text, r->least, r->most);
}

void
cli_descriptor(void *to, const struct cli_row *r, const char *text)
{
	*(unsigned *)to =
	    (unsigned)cli_read_number(r->name, text, 3, DESCRIPTOR_MAX);
	descriptors_check(r->name, *(int *)to);
}

void
cli_span(void *to, const struct cli_row *r, const char *text)
{
	if (duration_read(text, to) == -1)
		log_errx(STATUS_USAGE,
		    "%s: %s: not a span of time, as 90s, 15m, 1h or 20d",
		    r->name, text);
}

static void
take_format(void *to, const struct cli_row *r, const char *text)
{
	(void)to;
	log_format(r->name, text);
}

static _Noreturn void
version(void *to, const struct cli_row *r, const char *text)
{
	const struct cli *c = to;

	(void)r, (void)text;
	printf("%s %s\n", c->name, WOS_VERSION);
	exit(descriptors_flush());
}

static void
take_quiet(void *to, const struct cli_row *r, const char *text)
{
	(void)to, (void)r, (void)text;
	log_quiet();
}

static void help(void *to, const struct cli_row *r, const char *text);
static void options(void *to, const struct cli_row *r, const char *text);

/* What every program takes; `to` is its struct cli. */
static const struct cli_row common[] = {
    {"--log-format", "FORMAT", "messages as text, or as lines of json",
	.take = take_format},
    {"--quiet", NULL, "no messages but of failures", .take = take_quiet,
	.letter = 'q'},
    {"--options", NULL, NULL, .take = options},
    {"--help", NULL, "print this and exit", .take = help, .letter = 'h'},
    {"--version", NULL, "print the version and exit", .take = version},
};

#define NCOMMON (sizeof common / sizeof common[0])

/* The program's rows, then those; NULL behind them. */
static const struct cli_row *
row(const struct cli *c, size_t i)
{
	if (i < c->nrows)
		return &c->rows[i];
	return i < c->nrows + NCOMMON ? &common[i - c->nrows] : NULL;
}

/* What getopt_long(3) is to call it. */
static int
row_value(const struct cli_row *r, size_t i)
{
	return r->letter ? r->letter : A_ROW + (int)i;
}

/* Prints a text from this column on.  No word of it is longer than a line. */
static void
wrap(const char *text, int column)
{
	int room = WIDTH - column, n;

	for (; strlen(text) > (size_t)room; text += n + 1) {
		for (n = room; n > 0 && text[n] != ' ';)
			n--;
		printf("%.*s\n%*s", n, text, column, "");
	}
	puts(text);
}

static void
help(void *to, const struct cli_row *r, const char *text)
{
	const struct cli *c = to;
	int n;

	puts(c->head);
	for (size_t i = 0; (r = row(c, i)) != NULL; i++) {
		if (r->help == NULL)
			continue;
		n = r->letter ? printf("  -%c, ", r->letter) : printf("  ");
		text = r->argument != NULL ? r->argument : "";
		n += printf(*text == '[' ? "%s%s" : "%s %s", r->name, text);
		printf(n < COLUMN ? "%*s" : "\n%*s",
		    n < COLUMN ? COLUMN - n : COLUMN, "");
		wrap(r->help, COLUMN);
	}
	putchar('\n');
	wrap(c->tail, 0);
	exit(descriptors_flush());
}

/* The same for programs: what completes a command line, and scripts. */
static void
options(void *to, const struct cli_row *r, const char *text)
{
	const struct cli *c = to;

	(void)text;
	for (size_t i = 0; (r = row(c, i)) != NULL; i++)
		if (r->help != NULL)
			printf("%s\t%c\t%s\t%s\n", r->name,
			    r->letter ? r->letter : '-',
			    r->argument ? r->argument : "-", r->help);
	exit(descriptors_flush());
}

/* Is the option in the list? */
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

/* An option of the list that was given, or NULL. */
static const char *
given(const struct cli *c, const char *list)
{
	for (size_t i = 0; i < c->nrows; i++)
		if (c->given[i] && has(list, c->rows[i].name))
			return c->rows[i].name;
	return NULL;
}

static _Noreturn void
refuse(const char *option, const char *other, const char *because)
{
	log_errx(STATUS_USAGE, "%s: it does not go with %s%s%s", option, other,
	    because != NULL ? ": " : "", because != NULL ? because : "");
}

/* What the option goes with was not given: says what that is. */
static _Noreturn void
refuse_alone(const struct cli *c, const char *option)
{
	struct buf with = {0};

	for (size_t i = 0; i < c->nrows; i++)
		if (has(c->rows[i].with, option))
			buf_printf(&with, "%s%s", with.len > 0 ? " or " : "",
			    c->rows[i].name);
	log_errx(STATUS_USAGE, "%s: it goes with %s", option, buf_str(&with));
}

/* Does it go with the mode, which may be NULL, and with all else? */
static void
check(const struct cli *c, const struct cli_row *r, const struct cli_row *mode)
{
	const char *with = mode != NULL ? mode->with : c->with;
	const char *other = given(c, r->bars);

	if (r != mode && with != NULL && !r->always && !has(with, r->name)) {
		if (mode != NULL)
			refuse(r->name, mode->name, NULL);
		refuse_alone(c, r->name);
	}
	if (other != NULL)
		refuse(r->name, other, r->because);
	if (mode == NULL && r->needs != NULL && given(c, r->needs) == NULL)
		log_errx(STATUS_USAGE, "%s: it needs %s", r->name, r->needs);
}

/* The mode is an option whose `with` is in force. */
static void
check_all(const struct cli *c)
{
	const struct cli_row *mode = NULL;

	if (c->rows == NULL)
		return;
	for (size_t i = 0; i < c->nrows && mode == NULL; i++)
		if (c->given[i] && c->rows[i].with != NULL &&
		    given(c, c->rows[i].unless) == NULL)
			mode = &c->rows[i];
	for (size_t i = 0; i < c->nrows; i++)
		if (c->given[i])
			check(c, &c->rows[i], mode);
}

/* An option that is no option, with advice if it looks like one. */
static void
say_unknown(const struct cli *c, const char *option)
{
	struct nearest near = {.word = option};
	const struct cli_row *r;

	for (size_t i = 0; (r = row(c, i)) != NULL; i++)
		if (r->help != NULL)
			nearest_try(&near, r->name);
	log_message(LEVEL_ERROR, "%s: not an option, or short for several%s",
	    option, nearest_hint(&near));
}

/* Is it what getopt_long(3) calls one of the rows? */
static bool
is_value(const struct cli *c, int value)
{
	const struct cli_row *r;

	for (size_t i = 0; (r = row(c, i)) != NULL; i++)
		if (row_value(r, i) == value)
			return true;
	return false;
}

/*
 * A letter that is none.  Where it began the name of an option, a dash is
 * missing.  Of letters that stand together, optind may still be that of the
 * word before.
 */
static void
say_letter(const struct cli *c, char *const *argv)
{
	const char *word = argv[optind - 1], *meant = NULL;
	const struct cli_row *r;
	size_t len;

	if (argv[optind] != NULL && (*word != '-' || word[1] != optopt))
		word = argv[optind];
	len = strcspn(word, "=");
	for (size_t i = 0; len > 2 && (r = row(c, i)) != NULL; i++)
		if (strncmp(r->name + 1, word, len) == 0 &&
		    (meant == NULL || r->name[1 + len] == '\0'))
			meant = r->name;
	log_message(LEVEL_ERROR, "-%c: not an option%s%s%s", optopt,
	    meant != NULL ? "; did you mean " : "", meant != NULL ? meant : "",
	    meant != NULL ? "?" : "");
}

/*
 * Says what getopt_long(3) has found wrong; log_init has told it not to.  What
 * is behind an option's name is not repeated: it may be a secret.
 */
static void
say_wrong(const struct cli *c, char *const *argv)
{
	const char *word = argv[optind - 1];
	struct buf name = {0};

	buf_add(&name, word, strcspn(word, "="));
	if (optopt != 0 && !is_value(c, optopt))
		say_letter(c, argv);
	else if (optopt == 0)
		say_unknown(c, buf_str(&name));
	else
		log_message(LEVEL_ERROR, "%s: %s", buf_str(&name),
		    word[name.len] == '=' ? "takes no argument"
					  : "needs an argument");
	buf_free(&name);
}

/* What the environment has comes before the options, as if it was one. */
static void
read_environment(const struct cli *c, void *options)
{
	for (size_t i = 0; i < c->nrows; i++) {
		struct cli_row r = c->rows[i];
		const char *text = r.variable ? getenv(r.variable) : NULL;

		r.name = r.variable;
		if (text != NULL && *text != '\0')
			r.take((char *)options + r.at, &r, text);
	}
}

char **
cli_read(struct cli *c, void *options, int argc, char **argv)
{
	struct option longs[CLI_ROWS_MOST + NCOMMON + 1] = {{0}};
	char letters[CLI_ROWS_MOST + NCOMMON + 2] = "+", *next;
	const struct cli_row *r;
	int found;
	size_t i;

	read_environment(c, options);
	next = letters + c->command;
	for (i = 0; (r = row(c, i)) != NULL; i++) {
		longs[i] = (struct option){r->name + 2,
		    r->argument == NULL   ? no_argument
		    : *r->argument == '[' ? optional_argument
					  : required_argument,
		    NULL, row_value(r, i)};
		if (r->letter)
			*next++ = r->letter;
	}
	while ((found = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		for (i = 0; (r = row(c, i)) != NULL && longs[i].val != found;)
			i++;
		if (r == NULL) {
			say_wrong(c, argv);
			log_usage(c->usage);
		}
		if (i < c->nrows)
			c->given[i] = true;
		r->take(i < c->nrows ? (char *)options + r->at : (void *)c, r,
		    optarg);
	}
	check_all(c);
	return argv + optind;
}
