/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "memory.h"
#include "view.h"
#include "views.h"

/* The bytes of a version, and of what follows it; all ends send fewer. */
#define VERSION_SIZE 16

static enum view_state
state_of(const struct table *t, const struct value *mark)
{
	char version[VERSION_SIZE];

	if (mark->type != VALUE_TEXT)
		return VIEW_TAKEN;
	value_copy(mark, version, sizeof version);
	return strtol(version, NULL, 10) >= view_version(t) ? VIEW_CURRENT
							    : VIEW_OLD;
}

static enum view_state *
states(struct views *v)
{
	size_t n;

	catalogue_tables(&n);
	if (v->state == NULL)
		v->state = memory_new(n, sizeof *v->state);
	return v->state;
}

void
views_add(void *views, const struct value *row, size_t n)
{
	const struct table *t = catalogue_tables(&n);
	enum view_state *state = states(views);

	for (size_t i = 0; i < n; i++)
		if (strncmp(t[i].view, row[0].text, row[0].len) == 0 &&
		    t[i].view[row[0].len] == '\0')
			state[i] = state_of(&t[i], &row[1]);
}

enum view_state
views_state(const struct views *v, size_t i)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	if (*t[i].view == '\0')
		return VIEW_CURRENT;
	return v->state != NULL ? v->state[i] : VIEW_MISSING;
}

bool
views_are_current(const struct views *v)
{
	size_t n;
	bool all = true;

	catalogue_tables(&n);
	for (size_t i = 0; i < n; i++)
		all &= views_state(v, i) == VIEW_CURRENT ||
		       views_state(v, i) == VIEW_TAKEN;
	return all;
}

void
views_tell_taken(const struct views *v)
{
	static bool told;
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (size_t i = 0; db_verbose && !told && i < n; i++)
		if (views_state(v, i) == VIEW_TAKEN)
			log_info("schema: \"%s\" is no view of wos' own: it "
				 "stays as it is",
			    t[i].view);
	told = true;
}

void
views_release(struct views *v)
{
	free(v->state);
}
