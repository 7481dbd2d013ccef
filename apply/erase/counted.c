/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "erase/counted.h"
#include "memory.h"
#include "visible.h"

void
counted_init(struct counted *t, bool dry)
{
	size_t n;

	catalogue_tables(&n);
	*t = (struct counted){
	    .dry = dry, .count = memory_new(n, sizeof *t->count)};
}

void
counted_release(struct counted *t)
{
	free(t->count);
	erased_release(&t->rows);
}

int64_t *
counted_at(struct counted *t, const struct table *table)
{
	size_t n;

	return &t->count[table - catalogue_tables(&n)];
}

/* Is it told of for the first time? */
static bool
is_new(struct counted *t, const struct table *table, const struct value *key,
    size_t n)
{
	struct buf text = {0};
	bool new;

	buf_puts(&text, table->name);
	for (size_t i = 0; i < n; i++) {
		buf_putc(&text, '\t');
		buf_add(&text, key[i].text, key[i].len);
	}
	new = !erased_has_id(&t->rows, text.p, text.len);
	if (new)
		erased_add(&t->rows, ERASED_ID, text.p, text.len, 0);
	buf_free(&text);
	return new;
}

void
counted_row(struct counted *t, const struct table *table,
    const struct value *key, size_t n)
{
	char text[1024];

	if (t->dry && !is_new(t, table, key, n))
		return;
	++*counted_at(t, table);
	if (!t->dry)
		return;
	printf("%s", table->name);
	for (size_t i = 0; i < n; i++) {
		if (key[i].len == 0)
			continue;
		visible(text, sizeof text, key[i].text, key[i].len);
		printf("\t%s", text);
	}
	putchar('\n');
}

void
counted_all(const struct counted *t, struct buf *text, struct buf *json)
{
	size_t n;
	const struct table *table = catalogue_tables(&n);
	const char *comma = "";

	buf_putc(json, '{');
	for (size_t i = 0; i < n; i++) {
		if (t->count[i] == 0)
			continue;
		buf_printf(text, "%s%s %" PRId64, text->len > 0 ? ", " : "",
		    table[i].name, t->count[i]);
		buf_printf(json, "%s\"%s\":%" PRId64, comma, table[i].name,
		    t->count[i]);
		comma = ",";
	}
	buf_putc(json, '}');
	buf_str(text);
}

void
counted_totals(const struct counted *t)
{
	size_t n;
	const struct table *table = catalogue_tables(&n);

	for (size_t i = 0; i < n; i++)
		if (t->count[i] > 0)
			printf(
			    "= %s %" PRId64 "\n", table[i].name, t->count[i]);
}
