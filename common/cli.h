/* SPDX-License-Identifier: MIT */
#ifndef WOS_CLI_H
#define WOS_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The command line of a program.  Its options are rows of a table, which says
 * how to read them, what --help prints and what goes with what.  --log-format,
 * --quiet, --help and --version are in every program, and in no table; nor is
 * --options, which prints the rows, with tabs between name, letter, argument
 * and help, for scripts and for what completes command lines.
 *
 * What is wrong ends the program with STATUS_USAGE and the reason.
 */

/* Options in a table, at most; wos-apply has the most, some 50. */
#define CLI_ROWS_MOST 64

/* A list of options is a string that has their names among its words. */
struct cli_row {
	const char *name;     /* with its dashes */
	const char *argument; /* NULL: it takes none; [=N]: it may take one */
	const char *help;     /* NULL: --help does not have it */
	void (*take)(void *to, const struct cli_row *r, const char *text);
	size_t at;            /* of the member that `take` sets, its `to` */
	uint64_t least, most; /* of a number, or bytes of a text */
	const char *variable; /* of the environment: it has the default */
	const char *needs;    /* a list: it goes with one of these only */
	const char *bars;     /* a list: it goes with none of these, */
	const char *because;  /* and why, or NULL */
	const char *with;   /* a list: these alone go with it, whatever they */
	const char *unless; /* need, unless one of this list is given too */
	char letter;        /* its short name */
	bool always;        /* it is in every `with` */
};

struct cli {
	const char *name;  /* the program's */
	const char *usage; /* the answer to a wrong option */
	const char *head;  /* what --help prints above the options, */
	const char *tail;  /* and below */
	const struct cli_row *rows;
	size_t nrows;
	const char *with; /* a list: these go with no row's `with`; NULL: all */
	bool command;     /* the operands have options of their own */
	bool given[CLI_ROWS_MOST];
};

/*
 * Sets what the environment and the options say in the struct that the rows
 * speak of.  Returns the operands, up to a NULL.
 */
char **cli_read(struct cli *c, void *options, int argc, char **argv);

/* For rows: they set a bool, const char *, unsigned, and int64_t in ms. */
void cli_flag(void *to, const struct cli_row *r, const char *text);
void cli_text(void *to, const struct cli_row *r, const char *text);
void cli_number(void *to, const struct cli_row *r, const char *text);
void cli_span(void *to, const struct cli_row *r, const char *text);

/* An unsigned, the number of a descriptor that is open. */
void cli_descriptor(void *to, const struct cli_row *r, const char *text);

/* The text, which was found at `place`, as a number within these bounds. */
uint64_t cli_read_number(
    const char *place, const char *text, uint64_t least, uint64_t most);

#endif
