/* SPDX-License-Identifier: MIT */
#ifndef WOS_STATEMENT_H
#define WOS_STATEMENT_H

#include <stddef.h>

#include "buf.h"
#include "db.h"

/*
 * One statement of the SQL stream, read apart: its SQL, with $1, $2 ... in
 * the place of literals, and their values.
 */

/* Literals in one statement; the widest upsert of the catalogue has 30. */
#define STATEMENT_MAX_VALUES 96

/* Its SQL without literals, in bytes; that of the longest upsert has 3000. */
#define STATEMENT_MAX_SQL 16384

/* SQL taken apart: what stands before each value, and after the last one. */
struct pattern {
	struct piece {
		const char *text;
		size_t len;
	} piece[STATEMENT_MAX_VALUES + 1];
	size_t nvalues;
};

struct statement {
	struct buf sql; /* white space folded, without the semicolon */
	struct value value[STATEMENT_MAX_VALUES];
	size_t nvalues;
	struct buf unquoted; /* text literals that have quotes in them */
	size_t lead;         /* bytes of white space before it */
	size_t size;         /* of it all, with the semicolon, in bytes */
	const char *why;     /* not NULL: what in it can't be taken */
};

/*
 * Reads the statement that the text begins with.  Returns 1 with *s filled,
 * its values valid as long as the text and *s are left alone; or 0 if the
 * text ends before the statement does.
 */
int statement_read(struct statement *s, const char *text, size_t len);

/*
 * Takes apart the SQL of a statement that was read without a `why`; points into
 * it.
 */
void pattern_init(struct pattern *p, const char *sql, size_t len);

/*
 * As statement_read, for a text that is expected to have this SQL: comparing is
 * quicker than reading.  Returns 1 with *s filled but for its SQL, which is
 * empty; or 0 if the text has another, spaces it otherwise, or ends before the
 * statement does.
 */
int statement_match(
    struct statement *s, const struct pattern *p, const char *text, size_t len);

void statement_release(struct statement *s);

#endif
