/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the lines of lists from one program to the other.  The first
 * byte says of which list, the second of which parent; the rest is an item.
 * What wos-fetch writes of it wos-decode reads, as that list's; and what it
 * becomes is SQL that wos-apply takes.
 */
#include <inttypes.h>
#include <string.h>

#include "../../apply/stream/form_read.h"
#include "../../apply/stream/statement.h"
#include "../../decode/decoder.h"
#include "../../decode/item.h"
#undef WOS_ITEM_H /* each program has a header of that name */
#include "../../fetch/lists/item.h"
#include "fuzz.h"

static void
check_sql(const struct buf *sql)
{
	static struct statement s;
	struct form *form;
	bool bound;

	for (size_t at = 0; at < sql->len; at += s.size + 1) {
		MUST(statement_read(&s, sql->p + at, sql->len - at) == 1);
		MUST(s.why == NULL && sql->p[at + s.size] == '\n');
		bound = memcmp(s.sql.p, "SAVEPOINT \"", 11) == 0 ||
			memcmp(s.sql.p, "RELEASE \"", 9) == 0;
		form = form_read(s.sql.p, s.sql.len);
		MUST(bound != (form->why == NULL));
		form_free(form);
	}
}

/* Decodes the line, and the same another time. */
static void
check_line(const struct buf *line, enum item_kind kind)
{
	static struct decoder *d;
	struct buf sql = {0};
	size_t len = line->len - 1;
	struct jsonspan text = read_line(line->p, len);
	const char *why;

	if (d == NULL)
		d = decoder_new(NULL);
	MUST(item_kind(text) == kind);
	if (decoder_line(d, line->p, len, len, &sql) == -1) {
		why = decoder_why(d);
		MUST(kind == ITEM_LINE &&
		     strcmp(why, "parent: not an id") != 0 &&
		     strcmp(why, "of: not a table that is listed") != 0 &&
		     strcmp(why, "listed_at is missing or not a time") != 0);
	}
	check_sql(&sql);
	buf_free(&sql);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const parents[] = {NULL, "org_01J", "directory_01J"};
	struct buf line = {0};
	struct jsonspan item;
	struct item_place at = {.listed_at = "2026-11-28T12:00:00.000Z"};
	const char *why;
	size_t n;

	at.list = catalogue_lists(&n);
	if (size < 2)
		return 0;
	at.list += data[0] % n;
	at.parent = parents[data[1] % 3];
	item = jsontext_check((const char *)data + 2, size - 2, &why, &n);
	/* A list that is there for its ids alone has no lines. */
	if (item.p != NULL && at.list->table != NULL &&
	    item_line(&line, &at, item) == 0)
		check_line(&line, ITEM_LINE);
	if (at.list->table != NULL) {
		buf_clear(&line);
		item_end(&line, &at, size);
		check_line(&line, ITEM_END);
	}
	buf_free(&line);
	return 0;
}
