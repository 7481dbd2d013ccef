/* SPDX-License-Identifier: MIT */
#ifndef WOS_OPTIONS_H
#define WOS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db.h"

struct name;
struct question;

/* Days to look back over: a month by default, a year at most. */
#define STATUS_DAYS 30
#define STATUS_DAYS_MAX 366

/*
 * How long the newest event may go unseen, three runs of wos-sync five minutes
 * apart; and how long nothing may be read, with ten days left to act.
 */
#define STATUS_BEHIND (15 * 60 * SECOND_MS)
#define STATUS_STALE (20 * DAY_MS)

/* No exit status. */
#define AT_WORK 256

/* What the command line says. */
struct options {
	const struct question *question;
	const char *argument;   /* the question's: a parked id, a dialect */
	const char *database;   /* as it was given */
	struct name *name;      /* what it is: see database_name */
	const char *shown;      /* what messages call it */
	const char *field;      /* and lines of JSON: a file without ./ */
	char **files;           /* what stands behind it, up to a NULL */
	const char *token_file; /* of D1, or NULL */
	const char *kind;       /* of what is parked, unless it is NULL */
	int64_t before;         /* parked before that time; INT64_MAX for all */
	const char *after;
	const char *until;  /* a time or an event, or NULL */
	const char *fill;   /* the event that a back-fill goes up to */
	const char *cursor; /* its name */
	const char *only;   /* the same, if it was given, or NULL */
	unsigned report;    /* a descriptor, or 0 */
	unsigned locking;   /* a descriptor to be locked first, or 0 */
	unsigned batch, busy_ms, days;
	int64_t now, behind, stale;
	int64_t facts;        /* an age that they may have, or -1 */
	int64_t margin;       /* before the cursor's event, or -1 */
	int64_t began;        /* of a run: when it did, */
	unsigned exit_status; /* what it exits with, or AT_WORK, */
	bool follow;          /* and whether it stays */
	bool no_cursor, restart;
	bool dry;            /* take it all back */
	bool verify;         /* and compare: implies dry */
	bool changes;        /* tell what has changed, */
	const char *channel; /* also by NOTIFY on this one, or NULL */
	bool json;           /* as JSON, what changes or how it is */
	bool empty;          /* there must be nothing in it */
	bool repaired;       /* what a comparison has found */
	bool listing;        /* the lock is that of what lists everything */
	bool verbose;
};

/* How a question has the database opened: see db_open. */
enum opens {
	OPENS_NOTHING, /* `run` is called with NULL, and may open it */
	OPENS_READ,
	OPENS_CHANGE,
	OPENS_WRITE, /* the same, and makes it if there is none */
};

/*
 * Something to do with a database.  One of these does it:
 *
 * answer	looks at the database, or changes it in a transaction that has
 *		begun.  Returns DB_OK, or why not with the reason in db->why.
 * run		has transactions of its own.  Returns the status to exit with,
 *		after the reason has been printed.
 */
struct question {
	const char *option;   /* NULL: to apply a stream */
	const char *argument; /* as in struct cli_row */
	const char *help;
	bool no_database; /* none is named */
	bool decodes;     /* it may start wos-decode */
	bool files;       /* they, or other words, may be named behind it */
	bool feeds;       /* it has a change feed of its own */
	bool not_there;   /* asked with NULL where there is no database */
	enum opens opens;
	const char *with; /* what other options go with it */
	enum db_result (*answer)(struct db *db, const struct options *o);
	int (*run)(struct db *db, const struct options *o);
};

/*
 * Reads the command line.  The first of the `n` questions is the one that is
 * asked if no option names another.  Ends the program with STATUS_USAGE if
 * something is wrong, or does not go with something else.
 */
void options_parse(struct options *o, const struct question *list, size_t n,
    int argc, char **argv);

/*
 * Takes a time in Unix milliseconds out of the text, which ends with the
 * character `end` there; *text is moved behind it.  Ends the program with
 * STATUS_USAGE if there is none; `place` is the option.
 */
int64_t options_ms(const char *place, const char **text, char end);

#endif
