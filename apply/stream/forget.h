/* SPDX-License-Identifier: MIT */
#ifndef WOS_FORGET_H
#define WOS_FORGET_H

#include "form.h"
#include "forgotten.h"
#include "parked_id.h"
#include "statement.h"

/*
 * Takes out of what a stream brings what the database is not to get back: the
 * data of people who were erased, and facts that were pruned.  Where nothing
 * ever was, this is one question for each batch; or, where a commit is one
 * request, a statement in it, which fails if the answer is another by now.
 */

/* Zero-initialise it, release it. */
struct forget {
	struct forgotten what;
	bool read;                 /* is `what` what the database had? */
	const struct table *owner; /* the last row was theirs, in this table */
	struct buf text;           /* what a text of the statement has become */
	char parked_id[PARKED_ID_SIZE]; /* and what it is called, if parked */
};

enum forget_course {
	FORGET_NOTHING, /* the statement is as it was, */
	FORGET_SOME,    /* or has lost something, */
	FORGET_ALL,     /* or is not to be run, */
	FORGET_REFUSED, /* or names one of them and can't be taken apart */
};
#define FORGET_WHY "it is of one who was erased, and can't be taken apart"

/* A batch begins, and ends: before its commit. */
enum db_result forget_begin(struct forget *f, struct db *db);
enum db_result forget_end(const struct forget *f, struct db *db);

/*
 * Was the commit refused because the batch did not know of it all?  Then the
 * next one will, and db->why says so.
 */
bool forget_is_late(struct forget *f, struct db *db);

/*
 * Looks at a statement of this form, and changes its values: they are valid
 * until the next call.  Only if f->what.any.
 */
enum forget_course forget_statement(
    struct forget *f, const struct form *form, struct statement *s);

void forget_release(struct forget *f);

#endif
