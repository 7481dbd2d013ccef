/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "item.h"
#include "memory.h"

struct directory_budget {
	struct directory_budget *next;
	char id[ITEM_ID_MAX + 1];
	struct rate rate;
};

void
budgets_init(struct budgets *b)
{
	*b = (struct budgets){0};
	rate_init(&b->users, BUDGET_USERS_REQUESTS, BUDGET_USERS_SECONDS);
}

void
budgets_release(struct budgets *b)
{
	struct directory_budget *d;

	while ((d = b->directories) != NULL) {
		b->directories = d->next;
		free(d);
	}
}

static struct rate *
directory_rate(struct budgets *b, const char *id)
{
	struct directory_budget *d;

	for (d = b->directories; d != NULL; d = d->next)
		if (strcmp(d->id, id) == 0)
			return &d->rate;
	d = memory_new(1, sizeof *d);
	d->next = b->directories;
	b->directories = d;
	snprintf(d->id, sizeof d->id, "%s", id);
	rate_init(
	    &d->rate, BUDGET_DIRECTORY_REQUESTS, BUDGET_DIRECTORY_SECONDS);
	return &d->rate;
}

struct rate *
budget_of(struct budgets *b, const char *path, const char *directory)
{
	static const char users[] = "/user_management/";
	static const char people[] = "/directory_users?";

	if (strncmp(path, users, sizeof users - 1) == 0)
		return &b->users;
	if (directory != NULL && strncmp(path, people, sizeof people - 1) == 0)
		return directory_rate(b, directory);
	return NULL;
}
