/* SPDX-License-Identifier: MIT */
#ifndef WOS_BUDGET_H
#define WOS_BUDGET_H

#include "http/rate.h"

/*
 * What some families of requests may take under the key's own limit, so that
 * most of the family's is left to those who sign in meanwhile.
 */

/*
 * The API takes 1000 in 10 seconds below an environment's /user_management: a
 * quarter of them.
 */
#define BUDGET_USERS_REQUESTS 250
#define BUDGET_USERS_SECONDS 10

/* And four a second of /directory_users and one directory: three of them. */
#define BUDGET_DIRECTORY_REQUESTS 3
#define BUDGET_DIRECTORY_SECONDS 1

struct directory_budget;

struct budgets {
	struct rate users;
	struct directory_budget *directories; /* that were asked about */
};

void budgets_init(struct budgets *b);
void budgets_release(struct budgets *b);

/*
 * That of requests for the path, of that directory or NULL; or NULL, if the
 * key's own limit is all.  It stays where it is.
 */
struct rate *budget_of(
    struct budgets *b, const char *path, const char *directory);

#endif
