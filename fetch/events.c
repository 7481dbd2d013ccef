#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "events.h"
#include "log.h"

static const char glob_chars[] = "*?[]";

/* Where the name is, or where it belongs. */
static size_t
place(const struct events *e, const char *name, bool *found)
{
	size_t low = 0, high = e->n;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, e->name[middle]);

		if (order == 0)
			*found = true;
		if (order <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
add_name(struct events *e, const char *name)
{
	bool found;
	size_t at = place(e, name, &found);

	if (found)
		return;
	e->name = realloc(e->name, (e->n + 1) * sizeof *e->name);
	if (e->name == NULL)
		log_err(1, "events");
	memmove(e->name + at + 1, e->name + at, (e->n - at) * sizeof *e->name);
	e->name[at] = strdup(name);
	if (e->name[at] == NULL)
		log_err(1, "events");
	e->n++;
}

/* Returns how many types of the catalogue the pattern matches. */
static size_t
add_matches(struct events *e, const char *pattern)
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

static int
add_item(struct events *e, const char *item, bool expand, struct buf *why)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789._-*?[]!^";

	if (*item == '\0')
		buf_puts(why, "an empty name");
	else if (item[strspn(item, allowed)] != '\0' ||
		 strlen(item) > EVENT_NAME_MAX)
		buf_puts(why, "not the name of an event type");
	else if (strpbrk(item, glob_chars) == NULL || !expand)
		add_name(e, item);
	else if (add_matches(e, item) == 0)
		buf_printf(why, "%s: no event type matches", item);
	return why->len > 0 ? -1 : 0;
}

int
events_add(struct events *e, const char *list, bool expand, struct buf *why)
{
	static const char blank[] = " \t\n";
	char *copy = strdup(list), *rest = copy, *item;
	int rc = 0;

	if (copy == NULL)
		log_err(1, "events");
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
events_add_default(struct events *e, bool rare)
{
	size_t n;
	const struct event_type *type = catalogue_event_types(&n);

	for (; n > 0; n--, type++)
		if (type->asked == USUAL || (rare && type->asked == RARE))
			add_name(e, type->name);
}

int
events_except(struct events *e, const char *list, struct buf *why)
{
	struct events unwanted = {0};
	int rc = events_add(&unwanted, list, false, why);

	for (size_t i = e->n; rc == 0 && i > 0; i--)
		if (events_want(&unwanted, e->name[i - 1]))
			events_drop(e, e->name[i - 1]);
	events_release(&unwanted);
	return rc;
}

bool
events_are_rare(const char *type)
{
	const struct event_type *known = catalogue_event_type(type);

	return known != NULL && known->asked == RARE;
}

bool
events_want(const struct events *e, const char *type)
{
	bool found;

	place(e, type, &found);
	for (size_t i = 0; i < e->n && !found; i++)
		found = strpbrk(e->name[i], glob_chars) != NULL &&
			fnmatch(e->name[i], type, 0) == 0;
	return found;
}

bool
events_drop(struct events *e, const char *name)
{
	bool found;
	size_t at = place(e, name, &found);

	if (!found)
		return false;
	free(e->name[at]);
	e->n--;
	memmove(e->name + at, e->name + at + 1, (e->n - at) * sizeof *e->name);
	return true;
}

void
events_join(const struct events *e, struct buf *out)
{
	for (size_t i = 0; i < e->n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		buf_puts(out, e->name[i]);
	}
}

void
events_release(struct events *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->name[i]);
	free(e->name);
	*e = (struct events){0};
}
