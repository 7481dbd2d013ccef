/* SPDX-License-Identifier: MIT */
#ifndef WOS_SHAPE_H
#define WOS_SHAPE_H

#include <stddef.h>

#include "catalogue.h"
#include "db.h"
#include "statement.h"

/*
 * The shapes of the stream's statements: their SQL with $1, $2 ... in the
 * place of literals.  wos-decode writes a few dozen, so each is checked, and
 * prepared by the database, only once.
 */

/*
 * Shapes that are kept.  The whole catalogue needs some 250; a stream made to
 * have no two alike costs time, but no memory.
 */
#define SHAPES_MAX 512

struct shape {
	struct query query;        /* owns its sql */
	size_t len;                /* of that, in bytes */
	struct pattern pattern;    /* that too, taken apart */
	const struct table *table; /* that it changes; NULL: not accepted */
	const char *why;           /* then the reason */
	/* What its values must be to be stored as numbers: see assign.h. */
	enum fit { FIT_ANY, FIT_NUMBER, FIT_BOOL } fit[STATEMENT_MAX_VALUES];
	struct shape *next; /* what came after it last time, or NULL */
};

/*
 * The shape with this text, a statement's, made and checked if it is new.  It
 * is accepted if it is one INSERT, UPDATE or DELETE on a table that the stream
 * may write, in the words and names that such statements need and no others: no
 * function but COALESCE can be called.  What takes a parent's descendants along
 * is known by its whole text; what it puts into columns of numbers is told by
 * assign.h.  Valid until the next call.
 */
struct shape *shape_get(struct db *db, const char *text, size_t len);

/*
 * Reads the statement that the text begins with if it is of the shape that came
 * after the one before it last time, or that was last accepted for this verb
 * and table: nearly all are, and need no more than to be compared.  Returns
 * that, or NULL for statement_read and shape_get to find out.
 */
struct shape *shape_match(struct statement *s, const char *text, size_t len);

/* Forgets all shapes. */
void shapes_release(struct db *db);

#endif
