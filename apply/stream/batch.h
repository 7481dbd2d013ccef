/* SPDX-License-Identifier: MIT */
#ifndef WOS_BATCH_H
#define WOS_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch_trace.h"
#include "cursor.h"
#include "db.h"
#include "forget.h"
#include "input.h"
#include "forms.h"
#include "rows.h"
#include "statement.h"
#include "totals.h"

/*
 * What apply.h stands for is in three files: apply.c follows the stream,
 * group.c runs the groups, batch.c their transactions.
 *
 * A batch of events is run as it is read, in one transaction.  Its text stays
 * in the input's buffer until it is committed: when one of its statements is
 * refused, all of it is taken back and run again, carefully from the group at
 * fault on: with a savepoint around each group, so that it alone is left out
 * and parked.
 */

/* The most of a refused statement's reason that is kept, in bytes. */
#define REASON_SIZE 512

/* An offset that never comes. */
#define NEVER ((size_t)-1)

/* The group of an event: see group.h. */
struct group {
	bool open;
	bool careful; /* it has a savepoint */
	bool refused; /* only of a careful one; the reason is in why */
	bool parks;   /* it is wos-decode that parks something */
	char name[EVENT_ID_MAX + 1];
	size_t begin; /* offset in the buffer */
	size_t start; /* and of its SAVEPOINT, after white space */
	size_t first_line;
	size_t nstatements;
	int64_t at;      /* its event's time, or CURSOR_NO_TIME */
	struct buf line; /* its event's line, where it will be asked for */
	size_t bad_line;
	char why[REASON_SIZE];  /* without a line: the table keeps it */
	int64_t *changed;       /* where its rows are counted, and how many */
	int64_t changed_before; /* were there when it began */
};

/* A group that is parked without being run again. */
struct condemned {
	size_t start; /* the offset of its SAVEPOINT; NEVER: there is none */
	size_t line;  /* of the statement at fault; 0: it is not known */
	char why[REASON_SIZE];
};

struct apply {
	struct db *db;
	const char *name; /* of the stream */
	size_t batch;     /* events in one */
	struct cursor *cursor;
	struct apply_totals *totals;
	struct input in;
	struct statement statement;
	struct forms forms;
	struct forget forget;
	struct form *form; /* of the statement; NULL: not known yet */
	size_t pos;        /* what of the buffer has been run */
	size_t line;       /* the number of the line there */
	int status;        /* to exit with */
	bool broken;       /* is the stream itself at fault? */
	bool rested;       /* has db_rest been called since the last batch? */
	bool knows_parked; /* has it been asked for rows of parked_event? */
	bool any_parked;   /* may it have some? */
	/* The batch: the buffer's beginning. */
	bool in_transaction;
	size_t careful_from; /* the offset; NEVER: not careful */
	size_t calm;         /* good groups since the last refusal */
	/*
	 * A batch up to this offset was refused, nobody knows for which group:
	 * before it, they are as small as `most`, in groups.
	 */
	size_t suspect_to;
	size_t most;
	struct condemned condemned;
	size_t stop;     /* the offset to run to */
	unsigned again;  /* runs of it that failed, transiently */
	size_t again_to; /* the offset to which they had come */
	size_t events, parked;
	int64_t changed;   /* rows, but those that events' spans count, */
	struct rows rows;  /* and those that are counted by table */
	size_t first_line; /* of the buffer */
	struct cursor first_cursor;
	int64_t begun; /* on the clock of time_ticks */
	struct batch_trace trace;
	struct group group;
};

/* How it goes on. */
enum course {
	GO_ON,
	BEGIN_AGAIN, /* the batch was taken back, and runs from its start */
	STOP,        /* with a->status; the reason has been printed */
};

/* The stream can't be followed from here on: STOP. */
enum course batch_stop(struct apply *a, const char *what);

/* The database won't go on: STOP. */
enum course batch_give_up(struct apply *a, enum db_result rc);

/*
 * What to do about a result other than DB_OK.  To GO_ON means that the group
 * that is open is to be parked.
 */
enum course batch_handle(struct apply *a, enum db_result rc);

/* The same for the statement at that place, which is refused. */
enum course batch_refuse(
    struct apply *a, const struct db_place *place, const char *why);

enum course batch_begin(struct apply *a);

/* Commits what has been run, if anything has; no group is to be open. */
enum course batch_commit(struct apply *a);

/* Is it time to? */
bool batch_is_full(const struct apply *a);

/* Takes the batch back: BEGIN_AGAIN. */
enum course batch_rewind(struct apply *a);

/* Makes the totals known to who watches from outside. */
void batch_publish(const struct apply_totals *t);

#endif
