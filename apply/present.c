/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "memory.h"
#include "present.h"

void
present_add(void *present, const struct value *row, size_t n)
{
	struct present *p = present;
	struct buf name = {0};

	(void)n;
	if (p->n == p->cap) {
		p->cap = p->cap * 2 + 512;
		p->name = memory_more(p->name, p->cap, sizeof *p->name);
	}
	buf_add(&name, row[0].text, row[0].len);
	buf_add(&name, row[1].text, row[1].len);
	p->name[p->n++] = (char *)buf_str(&name);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
present_sort(struct present *p)
{
	if (p->n > 0)
		qsort(p->name, p->n, sizeof *p->name, by_name);
}

bool
present_has(
    const struct present *p, const char *table, char mark, const char *what)
{
	char text[2 * COLUMN_NAME_SIZE + 16], *key = text;

	if (what != NULL)
		snprintf(text, sizeof text, "%s%c%s", table, mark, what);
	else
		snprintf(text, sizeof text, "%s", table);
	return p->n > 0 &&
	       bsearch(&key, p->name, p->n, sizeof *p->name, by_name) != NULL;
}

void
present_release(struct present *p)
{
	while (p->n > 0)
		free(p->name[--p->n]);
	free(p->name);
}
