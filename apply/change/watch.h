/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHANGE_WATCH_H
#define WOS_CHANGE_WATCH_H

#include "change/row.h"
#include "db.h"
#include "stream/form.h"

/*
 * Finds out what statements of the stream change, row by row: it asks for the
 * rows before and after each of them.
 *
 *	an INSERT, or an UPDATE that names its row's key: that row
 *	a DELETE: the rows that its condition finds
 *
 * Of others, only the table is known.  An end that answers late has the
 * questions among the statements, so that nothing waits for an answer.
 */

/*
 * What rows a DELETE may find: of more, only the table is known.  The largest
 * directories have 500,000 users.  Where the answer to a whole transaction is
 * in memory, as D1's is, it may have 16 MB; a row has about 1 KB.
 */
#define WATCH_ROWS 900000
#define WATCH_ROWS_AT_ONCE 2000

/* Statements whose answers are waited for together. */
#define WATCH_STATEMENTS 256

/* Who hears of it; `from` is watch_run's. */
struct watcher {
	/*
	 * A row that was there before, or NULL, and as it is after, or NULL;
	 * it may be the same.  Valid during the call.
	 */
	void (*row)(void *arg, void *from, const struct table *t,
	    const struct value *before, const struct value *after);
	/* Rows that can't be told; `sql` is NULL where it has gone by now. */
	void (*unknown)(
	    void *arg, void *from, const struct table *t, const char *sql);
	/* A statement that was only counted has changed so many rows. */
	void (*counted)(void *arg, void *from, int64_t changed);
	void *arg;
};

struct watch;

/*
 * For watch_free.  With `now`, each statement is told before the next one; or
 * else when that suits the database, at watch_settle at the latest.
 */
struct watch *watch_new(struct db *inner, const struct watcher *who, bool now);
void watch_free(struct watch *w);

/* A statement, as db_run_at has it. */
struct ran {
	const struct db_place *at;
	const struct query *query;
	const struct value *value;
	size_t nvalues;
	int64_t *changed;
};

/*
 * Runs a statement of this form, and tells what it has changed.  Returns what
 * the database says to it.
 */
enum db_result watch_run(
    struct watch *w, void *from, const struct form *f, const struct ran *r);

/* Runs one, and tells, in its turn, how many rows it has changed. */
enum db_result watch_count(struct watch *w, void *from, const struct ran *r);

/*
 * Tells what is left to be told; all has been answered, by db_sync or by the
 * commit that is one request.  Or forgets it, once
 * the database has taken it back: all of it, or what came since the mark.
 */
void watch_settle(struct watch *w);
void watch_forget(struct watch *w);
void watch_mark(struct watch *w);
void watch_undo(struct watch *w);

#endif
