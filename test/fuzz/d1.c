/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what D1's API answers.  The first byte says with which status;
 * the rest is the body.  A text that is taken out of it and written as JSON is
 * the same when it is read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "d1/d1_answer.h"
#include "json_string.h"
#include "mend.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

/* U+0000 is no reason to mend a text here. */
static void
check_text(const struct value *v)
{
	struct buf json = {0}, again = {0};
	size_t n;

	json_string(&json, v->text, v->len);
	json_string_read(&again, json.p, json.len);
	for (size_t i = 0; i < v->len; i += n)
		if ((n = utf8_length(v->text + i, v->len - i)) == 0)
			goto out; /* the body was no UTF-8 */
	check(again.len == v->len);
	check(v->len == 0 || memcmp(again.p, v->text, v->len) == 0);
out:
	buf_free(&json);
	buf_free(&again);
}

static void
check_rows(struct jsonspan json)
{
	struct d1_row row = {0};
	struct jsonwalk rows;

	if (d1_rows_begin(&rows, json))
		while (d1_rows_next(&rows, &row)) {
			check(row.n <= DB_MAX_COLUMNS);
			for (size_t i = 0; i < row.n; i++)
				if (row.value[i].type == VALUE_TEXT)
					check_text(&row.value[i]);
		}
	d1_row_release(&row);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const long statuses[] = {200, 400, 500, 429};
	struct request r = {.answer = ANSWER_PAGE};
	struct d1_result result;
	struct d1_answer a;
	struct jsonwalk w;
	struct buf said = {0};

	if (size == 0)
		return 0;
	r.status = statuses[*data % 4];
	if (r.status != 200)
		r.answer = r.status == 400 ? ANSWER_REFUSED : ANSWER_LATER;
	buf_add(&r.body, data + 1, size - 1);
	d1_answer_read(&a, &r);
	check(memchr(a.why, '\0', sizeof a.why) != NULL);
	if (a.rc == DB_OK && d1_results_begin(&w, &a))
		while (d1_results_next(&w, &result))
			check_rows(result.rows);
	d1_refusal(&said, r.status, &r.body);
	buf_free(&said);
	buf_free(&r.body);
	return 0;
}
