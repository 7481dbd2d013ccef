/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "item.h"
#include "memory.h"

struct directory_budget {
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
	free(b->directory);
}

static struct rate *
directory_rate(struct budgets *b, const char *id)
{
	struct directory_budget *d;

	for (d = b->directory; d < b->directory + b->ndirectories; d++)
		if (strcmp(d->id, id) == 0)
			return &d->rate;
	d = memory_more(b->directory, b->ndirectories + 1, sizeof *d);
	b->directory = d;
	d += b->ndirectories++;
	strcpy(d->id, id);
	rate_init(
	    &d->rate, BUDGET_DIRECTORY_REQUESTS, BUDGET_DIRECTORY_SECONDS);
	return &d->rate;
}

static struct rate *
rate_of(struct budgets *b, const char *path, const char *directory)
{
	static const char users[] = "/user_management/";
	static const char people[] = "/directory_users?";

	if (strncmp(path, users, sizeof users - 1) == 0)
		return &b->users;
	if (directory != NULL && strncmp(path, people, sizeof people - 1) == 0)
		return directory_rate(b, directory);
	return NULL;
}

int64_t
budget_ready(
    struct budgets *b, const char *path, const char *directory, int64_t now)
{
	struct rate *rate = rate_of(b, path, directory);

	return rate != NULL ? rate_ready(rate, now) : now;
}

void
budget_take(struct budgets *b, const char *path, const char *directory)
{
	struct rate *rate = rate_of(b, path, directory);

	if (rate != NULL)
		rate_take(rate);
}
