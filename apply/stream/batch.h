/* SPDX-License-Identifier: MIT */
#ifndef WOS_BATCH_H
#define WOS_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apply.h"
#include "batch_trace.h"
#include "cursor.h"
#include "db.h"
#include "input.h"
#include "shape.h"
#include "statement.h"

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

/* The place of what belongs to no group, and an offset that never comes. */
#define NOWHERE ((size_t)-1)

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
	int64_t at;      /* its event's time, or CURSOR_NO_TIME */
	struct buf line; /* its event's line, where it will be asked for */
	size_t bad_line;
	char why[REASON_SIZE]; /* without a line: the table keeps it */
};

/* A group that is parked without being run again. */
struct condemned {
	size_t start; /* the offset of its SAVEPOINT; NOWHERE: there is none */
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
	struct shape *shape; /* of the statement; NULL: not known yet */
	size_t pos;          /* what of the buffer has been run */
	size_t line;         /* the number of the line there */
	bool broken;         /* is the stream itself at fault? */
	bool knows_parked;   /* has it been asked for rows of parked_event? */
	bool any_parked;     /* may it have some? */
	/* The batch: the buffer's beginning. */
	bool in_transaction;
	size_t careful_from; /* the offset; NOWHERE: not careful */
	size_t calm;         /* good groups since the last refusal */
	size_t single_to;    /* the offset: a commit for each group before */
	struct condemned condemned;
	size_t stop;     /* the offset to run to */
	unsigned again;  /* runs of it that failed by nobody's fault */
	size_t again_to; /* the offset to which they had come */
	size_t events, parked;
	size_t first_line; /* of the buffer */
	struct cursor first_cursor;
	int64_t begun; /* on the clock of time_ticks */
	struct batch_trace trace;
	struct group group;
};

/*
 * What returns an int returns 0 to go on, or, after the reason has been
 * printed, the status to exit with.  To go on may mean to begin again: without
 * a transaction, the batch has been taken back and runs from its start.
 */

/* The stream can't be followed from here on. */
int batch_stop(struct apply *a, const char *what);

/* The database won't go on. */
int batch_give_up(const struct apply *a, enum db_result rc);

/*
 * What to do about a result other than DB_OK.  With the transaction still
 * there, the group that is open is to be parked.
 */
int batch_handle(struct apply *a, enum db_result rc);

/* The same for a statement that can't be, at that place. */
int batch_refuse(
    struct apply *a, const struct db_place *place, const char *why);

int batch_begin(struct apply *a);

/* Commits what has been run, if anything has; no group is to be open. */
int batch_commit(struct apply *a);

/* Is it time to? */
bool batch_is_full(const struct apply *a);

/* Takes the batch back, to be run again. */
void batch_rewind(struct apply *a);

#endif
