/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "names.h"

/* Where the name is, or where it belongs. */
static size_t
place(const struct names *set, const char *name, bool *found)
{
	size_t low = 0, high = set->n;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, set->name[middle]);

		if (order == 0)
			*found = true;
		if (order <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* What the API's names are made of; patterns stand in saved files' only. */
static bool
is_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == ',')
			return false;
	return len > 0 && len <= NAME_MOST;
}

int
names_add(struct names *set, const char *name, size_t len)
{
	char copy[NAME_MOST + 1];
	bool found;
	size_t at;

	if (!is_name(name, len))
		return -1;
	memcpy(copy, name, len);
	copy[len] = '\0';
	at = place(set, copy, &found);
	if (found)
		return 0;
	set->name = memory_more(set->name, set->n + 1, sizeof *set->name);
	memmove(set->name + at + 1, set->name + at,
	    (set->n - at) * sizeof *set->name);
	memcpy(set->name[at], copy, len + 1);
	set->n++;
	return 0;
}

bool
names_have(const struct names *set, const char *name)
{
	bool found;

	place(set, name, &found);
	return found;
}

bool
names_drop(struct names *set, const char *name)
{
	bool found;
	size_t at = place(set, name, &found);

	if (!found)
		return false;
	set->n--;
	memmove(set->name + at, set->name + at + 1,
	    (set->n - at) * sizeof *set->name);
	return true;
}

bool
names_equal(const struct names *a, const struct names *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->name[i], b->name[i]) != 0)
			return false;
	return true;
}

void
names_join(const struct names *set, struct buf *out)
{
	for (size_t i = 0; i < set->n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		buf_puts(out, set->name[i]);
	}
}

void
names_tell(const struct names *set, struct buf *out)
{
	const size_t most = 4;

	for (size_t i = 0; i < set->n && i < most; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", set->name[i]);
	if (set->n > most)
		buf_printf(out, " and %zu more", set->n - most);
}

void
names_free(struct names *set)
{
	free(set->name);
	*set = (struct names){0};
}
