/* SPDX-License-Identifier: MIT */
#ifndef WOS_D1_API_H
#define WOS_D1_API_H

#include "d1_answer.h"

/* Cloudflare's API, as far as it is about one D1 database. */

struct d1_api {
	struct client_options options;
	struct client client;
	struct request *request; /* whose answer is being read, or NULL */
	char *token;
	struct buf path; /* of the database */
};

/*
 * Begins with a database that d1_name has not refused, and finds out its UUID.
 * Returns DB_OK, or why not with the reason in `why`; d1_api_release is to be
 * called in any case.  Ends the program where there is no token, or where
 * CLOUDFLARE_API_BASE_URL is not a safe address.
 */
enum db_result d1_api_init(
    struct d1_api *api, const char *where, char why[DB_WHY_SIZE]);
void d1_api_release(struct d1_api *api);

/* The file that has the token, or NULL. */
const char *d1_api_token_file(void);

/*
 * Sends statements as JSON and waits for the answer, which is there until the
 * next is asked for.  With `once` they are not sent again where nobody knows
 * what became of them.
 */
void d1_api_send(struct d1_api *api, const struct buf *json, bool once,
    struct d1_answer *answer);

#endif
