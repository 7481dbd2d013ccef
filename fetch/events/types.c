/* SPDX-License-Identifier: MIT */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "memory.h"
#include "nearest.h"
#include "types.h"

static const char glob_chars[] = "*?[]";

static void
add_name(struct names *e, const char *name)
{
	names_add(e, name, strlen(name));
}

/* Returns how many types of the catalogue the pattern matches. */
static size_t
add_matches(struct names *e, const char *pattern)
{
	size_t n, matches = 0;
	const struct event_type *type = catalogue_event_types(&n);

	for (; n > 0; n--, type++)
		if (type->asked != FORMER &&
		    fnmatch(pattern, type->name, 0) == 0) {
			add_name(e, type->name);
			matches++;
		}
	return matches;
}

/*
 * What stands before the first dot of the pattern is compared with what stands
 * there in names, and what follows stays as it is.
 */
const char *
types_hint(const char *wrong)
{
	static char candidate[2 * NAME_MOST + 2], best[sizeof candidate];
	struct nearest near = {.word = wrong};
	const struct event_type *type;
	bool pattern = strpbrk(wrong, glob_chars) != NULL;
	size_t n;

	for (type = catalogue_event_types(&n); n > 0; n--, type++) {
		snprintf(candidate, sizeof candidate, "%.*s%s",
		    pattern ? (int)strcspn(type->name, ".") : NAME_MOST,
		    type->name, pattern ? wrong + strcspn(wrong, ".") : "");
		nearest_try(&near, candidate);
		if (near.found == candidate) {
			memcpy(best, candidate, sizeof best);
			near.found = best;
		}
	}
	return nearest_hint(&near);
}

static int
add_item(struct names *e, const char *item, bool expand, struct buf *why)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789._-*?[]!^";

	if (*item == '\0')
		buf_puts(why, "an empty name");
	else if (item[strspn(item, allowed)] != '\0' ||
		 strlen(item) > NAME_MOST)
		buf_puts(why, "not the name of an event type");
	else if (strpbrk(item, glob_chars) == NULL || !expand)
		add_name(e, item);
	else if (add_matches(e, item) == 0)
		buf_printf(
		    why, "%s: no event type matches%s", item, types_hint(item));
	return why->len > 0 ? -1 : 0;
}

int
types_add(struct names *e, const char *list, bool expand, struct buf *why)
{
	static const char blank[] = " \t\n";
	char *copy = strdup(list), *rest = copy, *item;
	int rc = 0;

	if (copy == NULL)
		memory_out();
	buf_clear(why);
	while (rc == 0 && (item = strsep(&rest, ",")) != NULL) {
		item += strspn(item, blank);
		for (char *end = item + strlen(item);
		     end > item && strchr(blank, end[-1]) != NULL;)
			*--end = '\0';
		rc = add_item(e, item, expand, why);
	}
	free(copy);
	return rc;
}

void
types_add_default(struct names *e, bool rare)
{
	size_t n;
	const struct event_type *type = catalogue_event_types(&n);

	for (; n > 0; n--, type++)
		if (type->asked == USUAL || (rare && type->asked == RARE))
			add_name(e, type->name);
}

int
types_except(struct names *e, const char *list, struct buf *why)
{
	struct names unwanted = {0};
	int rc = types_add(&unwanted, list, false, why);

	for (size_t i = e->n; rc == 0 && i > 0; i--)
		if (types_want(&unwanted, e->name[i - 1]))
			names_drop(e, e->name[i - 1]);
	names_free(&unwanted);
	return rc;
}

bool
types_rare(const char *type)
{
	const struct event_type *known = catalogue_event_type(type);

	return known != NULL && known->asked == RARE;
}

bool
types_want(const struct names *e, const char *type)
{
	bool found = names_have(e, type);

	for (size_t i = 0; i < e->n && !found; i++)
		found = strpbrk(e->name[i], glob_chars) != NULL &&
			fnmatch(e->name[i], type, 0) == 0;
	return found;
}
