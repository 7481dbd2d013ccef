/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rows.h"

static size_t
tables(void)
{
	size_t n;

	(void)catalogue_tables(&n);
	return n;
}

int64_t *
rows_new(void)
{
	return memory_new(tables(), sizeof(int64_t));
}

void
rows_init(struct rows *r, bool wanted)
{
	*r = (struct rows){0};
	if (!wanted)
		return;
	r->batch = rows_new();
	r->before = rows_new();
}

void
rows_release(struct rows *r)
{
	free(r->batch);
	free(r->before);
}

int64_t *
rows_at(struct rows *r, const struct table *t)
{
	size_t n;

	return r->batch != NULL ? &r->batch[t - catalogue_tables(&n)] : NULL;
}

void
rows_mark(struct rows *r)
{
	if (r->batch != NULL)
		memcpy(r->before, r->batch, tables() * sizeof *r->batch);
}

void
rows_undo(struct rows *r)
{
	if (r->batch != NULL)
		memcpy(r->batch, r->before, tables() * sizeof *r->batch);
}

void
rows_clear(struct rows *r)
{
	if (r->batch != NULL)
		memset(r->batch, 0, tables() * sizeof *r->batch);
}

int64_t
rows_land(struct rows *r, int64_t *total)
{
	size_t n = r->batch != NULL ? tables() : 0;
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		total[i] += r->batch[i];
		sum += r->batch[i];
	}
	rows_clear(r);
	return sum;
}

void
rows_tell(const int64_t *total, struct buf *text, struct buf *json)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (size_t i = 0; i < n; i++) {
		if (total[i] == 0 || strcmp(t[i].name, "events_cursor") == 0)
			continue;
		buf_printf(text, "%s%s %" PRId64, text->len > 0 ? ", " : "",
		    t[i].name, total[i]);
		buf_printf(json, "%s\"%s\":%" PRId64, json->len > 0 ? "," : "{",
		    t[i].name, total[i]);
	}
	buf_puts(json, json->len > 0 ? "}" : "{}");
}
