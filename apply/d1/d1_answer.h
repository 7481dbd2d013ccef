/* SPDX-License-Identifier: MIT */
#ifndef WOS_D1_ANSWER_H
#define WOS_D1_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "db.h"
#include "http/http.h"
#include "jsontext.h"

/* What D1's API answers, which is a stranger's until it has been read. */

struct d1_answer {
	enum db_result rc;
	bool large; /* it is too much at once: less of it may do */
	char why[DB_WHY_SIZE];
	struct jsonspan result; /* after DB_OK */
};

/*
 * Reads the answer to a request that is done; it lives as long as the
 * request's.
 *
 * Who is at fault, D1 tells by a text alone.  DB_REFUSED is what SQLite says of
 * a statement; DB_AGAIN also that nobody knows what became of it.  What is not
 * known is DB_FAILED, so that no event is blamed for it.
 */
void d1_answer_read(struct d1_answer *a, const struct request *r);

/* What a text of D1's means, for d1_answer_read and its tests. */
enum db_result d1_class(const char *message, bool *large);

/* For struct client_options. */
void d1_refusal(struct buf *out, long status, const struct buf *body);

/* What came of one statement. */
struct d1_result {
	int64_t changes;      /* rows */
	int64_t size;         /* of the database in bytes, or 0 */
	struct jsonspan rows; /* an array of arrays, or p is NULL */
};

/*
 * Begins with the first statement of a batch; on to the next one's result, or
 * false if there is none.
 */
bool d1_results_begin(struct jsonwalk *w, const struct d1_answer *a);
bool d1_results_next(struct jsonwalk *w, struct d1_result *r);

/* A row of a table, or of a page of it.  Zero-initialise it, release it. */
struct d1_row {
	struct value value[DB_MAX_COLUMNS];
	size_t n;
	bool bad;        /* it is none */
	struct buf text; /* the texts among them */
};

/* The same for rows.  Returns false at their end, or if it is no row. */
bool d1_rows_begin(struct jsonwalk *w, struct jsonspan rows);
bool d1_rows_next(struct jsonwalk *w, struct d1_row *row);
void d1_row_release(struct d1_row *row);

#endif
