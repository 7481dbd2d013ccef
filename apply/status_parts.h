/* SPDX-License-Identifier: MIT */
#ifndef WOS_STATUS_PARTS_H
#define WOS_STATUS_PARTS_H

#include "buf.h"
#include "cursor.h"
#include "duration.h"
#include "scope.h"
#include "options.h"
#include "run.h"
#include "verified.h"

/* What status_print is made of: all that there is to know of a database. */

/* A number that is not known. */
#define UNKNOWN INT64_MIN

/* Bytes of a text that are shown: a reason has up to 500. */
#define SHOWN_SIZE 600

/* Good clocks may differ by so much. */
#define SKEW_MS (5 * 60 * SECOND_MS)

/* A longer name is no cursor that anybody syncs. */
#define CURSOR_KEY_SIZE 256

/* "Events are retained for 30 days" is the least that the API promises. */
#define RETENTION_MS (30 * DAY_MS)

/*
 * Types of events that are told apart.  The API has about 120; what a stranger
 * makes up beyond the maximum is counted as one.
 */
#define TYPES_MAX 500
#define TYPE_SIZE 100

/*
 * Families of event types by what stands before the first dot, words between
 * blanks; all others are the last one.
 */
#define NFAMILIES 6
extern const struct family {
	const char *name, *starts;
} families[NFAMILIES];

/* The objects that are counted for each day. */
enum object { USERS, ORGANIZATIONS, NOBJECTS };

/* How much of a time was read: by all cursors, or by some or in part. */
enum coverage { READ_NONE, READ_PART, READ_WHOLE };

struct status_day {
	enum coverage read;
	int64_t events[NFAMILIES];
	int64_t succeeded, failed; /* sign-ins */
	int64_t more[NOBJECTS];    /* created, less those deleted */
	int64_t objects[NOBJECTS]; /* at its end, or UNKNOWN */
	int64_t lag, lag95;        /* or UNKNOWN */
};

/* Two periods, and what is compared: each with the one before it. */
#define NPERIODS 2
#define NMEASURES 6
extern const int64_t period_days[NPERIODS];
extern const char *const measures[NMEASURES];

struct status_period {
	int64_t now[NMEASURES];    /* or UNKNOWN: nothing of it was read */
	int64_t before[NMEASURES]; /* or UNKNOWN: not all of it was read */
	enum coverage read;        /* of the newer one */
};

/* The most frequent reasons of failed sign-ins, and whose they were. */
#define FAILURES_MAX 10
struct status_failure {
	char id[SHOWN_SIZE]; /* the reason's word; the organization's, or "" */
	char name[SHOWN_SIZE]; /* the organization's, or "" */
	int64_t events;
};
struct status_failures {
	struct status_failure one[FAILURES_MAX];
	size_t n;
};

struct status_type {
	char name[TYPE_SIZE];
	int64_t events;
};

struct status_cursor {
	char key[CURSOR_KEY_SIZE]; /* its name as it is, or "" */
	char name[SHOWN_SIZE], event_id[SHOWN_SIZE];
	int64_t event_at, moved_at, tail_seen_at, gap_from, gap_to;
	int64_t age;      /* since there was nothing that it lacked */
	int64_t tail_age; /* since its end was seen */
	int64_t left;     /* until the API may forget, or 0 */
	struct scope scope;
	bool stray;
	bool gap; /* from gap_from to gap_to */
};

/* How a run is: it has ended in one of three ways, or not. */
enum run_state { RUN_DONE, RUN_PARKED, RUN_FAILED, RUN_AT_WORK, RUN_LOST };

struct status_run {
	char name[SHOWN_SIZE], key[CURSOR_KEY_SIZE];
	char message[2 * SHOWN_SIZE];
	struct run run;
	enum run_state state;
};

/*
 * The verdicts: see status_judge.  The worst is the first, and of two that are
 * equally bad the one that gets worse if nobody acts.
 */
enum verdict { STALE, GAP, PARTIAL, BEHIND, PARKED, FRESH, NVERDICTS };

/* What wos-verify has found of a table, and of all of them together. */
struct status_verified {
	char table[TYPE_SIZE];
	struct verified v;
};

struct reason {
	enum verdict verdict;
	char text[2 * SHOWN_SIZE];
	const char *next; /* what to do, or NULL */
};

struct status_report {
	struct db *db;
	const struct options *o;
	struct buf out;
	bool comma;             /* the list that is being written has an item */
	bool ledger;            /* is there one? */
	int64_t oldest, newest; /* its events' times, or UNKNOWN */
	int64_t payloads, facts; /* of before these times were pruned, or
				    UNKNOWN */
	int64_t read_from;       /* nothing before was read, or UNKNOWN */
	int64_t size;            /* of the database in bytes, or -1 */
	struct status_cursor *cursor;
	size_t ncursors;
	struct status_run *run; /* the last of each cursor */
	size_t nruns;
	int64_t age, tail_age; /* the greatest of them, or UNKNOWN */
	int64_t *rows;         /* of each table of the catalogue, or UNKNOWN */
	size_t ntables;
	int64_t first, last; /* days since 1970 that are looked at */
	struct status_day day[STATUS_DAYS_MAX + 1]; /* and all after the last */
	struct status_type type[TYPES_MAX + 1];     /* and all that are more */
	size_t ntypes;
	struct status_period period[NPERIODS];
	bool compared; /* are those known? */
	struct status_failures reasons, organizations;
	struct status_verified *verified; /* of each table that ever was */
	size_t nverified;
	struct verified all; /* see gather_verified */
	int64_t unlisted;    /* tables without a list */
	struct reason *reason;
	size_t nreasons;
	enum verdict verdict;
};

/*
 * Fills in all of a report that has its database and options, but for the
 * verdict; status_release gives back what it took, also after a failure.
 */
enum db_result status_gather(struct status_report *r);
void status_release(struct status_report *r);

/* The part of that which is about events: the days, and their types. */
enum db_result status_gather_days(struct status_report *r);

/* Is the event a sign-in: 1 one that succeeded, -1 one that failed, or 0. */
int status_signin(const char *type);

/*
 * How much of the time from `from` to `to`, in Unix ms, the cursors stand for:
 * neither before what they begin with, nor after they last saw the end, nor in
 * a gap.  --behind is how far behind a cursor may be all the same.
 */
enum coverage status_coverage(
    const struct status_report *r, int64_t from, int64_t to);

/* The periods, and the failures of sign-ins; needs what coverage is made of. */
enum db_result status_gather_periods(struct status_report *r);
enum db_result status_gather_failures(struct status_report *r);

/* How many rows a table has, or UNKNOWN. */
int64_t status_rows(const struct status_report *r, const char *table);

/*
 * Takes a value: its text, made visible, or - for NULL; and its time, which is
 * UNKNOWN where it is none, or before 1970.
 */
void status_text(char *out, size_t size, const struct value *v);
int64_t status_time(const struct value *v);

/* What it is called; and what monitoring calls it: 0 OK, 1 bad, 2 worse. */
extern const struct verdict_row {
	const char *word;
	int status;
} verdicts[NVERDICTS];

/*
 * Gives the report its verdict, and the reasons: at least one is its own. Until
 * status_valid_until nothing makes it worse but that no run comes any more.
 */
void status_judge(struct status_report *r);
int64_t status_valid_until(const struct status_report *r);

/* What to do about a run that failed or was lost, or NULL. */
const char *status_run_next(const struct status_run *s);

#endif
