/* SPDX-License-Identifier: MIT */
#ifndef WOS_RUN_H
#define WOS_RUN_H

#include "options.h"
#include "reason.h"

/*
 * The last run of wos-sync on each cursor, in the table sync_run: when it began
 * and ended, its exit status, the reason in a word, and its last error.  One
 * that was killed has no end.
 */

/* Bytes of a message that are kept: as many as of a parked event's reason. */
#define RUN_MESSAGE_SIZE 501

/*
 * Notes that a run begins now, and prints when that is.  Where there is no
 * database yet, or it can't be written to, nothing is noted: the run itself
 * will tell.  Returns the status to exit with.
 */
int run_begin(struct db *db, const struct options *o);

/*
 * Notes that the run has ended, with the status that is the argument, and
 * prints the reason if it has failed.  Standard input has its errors: see
 * log_note.h. Returns the status to exit with: a database that can't be written
 * to gets a message, and is no failure.
 */
int run_end(struct db *db, const struct options *o);

/*
 * Why a run has failed that exits with this status, in a word: see reason.h,
 * and NULL if it has not.  Standard input has its errors, as for run_end.
 */
const char *run_reason(unsigned status);

/*
 * Notes the beginning and the end of a run that began at o->began, by the
 * wos-apply of its pipe, which has the database open: that is a good end, if
 * nothing is to follow the stream.  What can't be noted is the script's to
 * note, which finds in the file of errors what is.
 */
void run_note_begin(struct db *db, const struct options *o);
void run_note_end(struct db *db, const struct options *o);

struct run {
	int64_t began_at, ended_at, exit_status; /* INT64_MIN: it has none */
	char reason[REASON_WORD_SIZE];           /* or "" */
	char message[RUN_MESSAGE_SIZE];          /* or "" */
};

/* Gets the last run of each cursor, or of one, by name. */
typedef void run_fn(void *arg, const struct value *name, const struct run *run);
enum db_result run_read(
    struct db *db, const char *only, run_fn *take, void *arg);

#endif
