/* SPDX-License-Identifier: MIT */
#ifndef WOS_FORMS_H
#define WOS_FORMS_H

#include <stdint.h>

#include "form.h"

/*
 * The forms that a stream has had so far.  wos-decode writes a few dozen, so
 * each is read, and prepared by the database, only once.
 */

/*
 * Forms that are kept.  The whole catalogue needs some 250; a stream made to
 * have no two alike costs time, but no memory.
 */
#define FORMS_MAX 512

/* Open hash tables with room to spare. */
#define FORMS_SLOTS ((size_t)FORMS_MAX * 2)

/* Zero-initialise it, release it. */
struct forms {
	struct forms_slot {
		uint64_t hash;
		struct form *form; /* NULL: free */
	} by_text[FORMS_SLOTS];
	/* Those that were asked for last, by the SQL's verb and table. */
	struct forms_slot by_start[FORMS_SLOTS];
	size_t n;          /* in by_text; by_start has no more */
	struct form *last; /* of the last statement */
};

/*
 * The form of the statement with this SQL, read if it is new.  Valid until the
 * next call.
 */
struct form *forms_get(
    struct forms *f, struct db *db, const char *sql, size_t len);

/*
 * Reads the statement that the text begins with if it has the form that came
 * after the one before it last time, or that was last accepted for this verb
 * and table: nearly all have, and need no more than to be compared.  Returns
 * that, or NULL for statement_read and forms_get to find out.
 */
struct form *forms_match(
    struct forms *f, struct statement *s, const char *text, size_t len);

/* Forgets all forms, and has the database forget them. */
void forms_release(struct forms *f, struct db *db);

#endif
