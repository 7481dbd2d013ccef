/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what the API, or a proxy before it, says in place of a page. The
 * first byte says with which status.  The sentence is of a bounded length and
 * fit for a terminal, and asking what it means changes nothing.
 */
#include "fuzz.h"
#include "refusal.h"
#include "visible.h"

/* The message, its code, and eight fields of three texts. */
#define SENTENCE_MAX (26 * 400 + 400)

static void
check_meaning(long status, const struct buf *body)
{
	static const char cursor[] = "event_01J7483RXFPZ5S8AP9Q3JQ8V2C";
	char name[64] = "as it was";

	if (refusal_of_name(body, name, sizeof name))
		MUST(strlen(name) < sizeof name && strchr(name, '\'') == NULL);
	else
		MUST(strcmp(name, "as it was") == 0);
	(void)refusal_of_cursor(status, body, cursor);
	(void)refusal_of_end(status, body);
	MUST(!refusal_of_entity(status, body, "user_01") || status == 404);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const long statuses[] = {400, 401, 403, 404, 410, 422, 500, 503};
	struct buf body = {0}, out = {0}, again = {0};
	long status;

	if (size == 0)
		return 0;
	status = statuses[*data % 8];
	buf_add(&body, data + 1, size - 1);
	refusal_add(&out, status, &body);
	MUST(out.len < SENTENCE_MAX && is_utf8(out.p, out.len));
	visible_add(&again, out.p, out.len);
	MUST(again.len == out.len && memcmp(again.p, out.p, out.len) == 0);
	check_meaning(status, &body);
	MUST(body.len == size - 1);
	buf_free(&body);
	buf_free(&out);
	buf_free(&again);
	return 0;
}
