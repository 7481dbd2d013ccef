/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_ANSWER_H
#define WOS_PG_ANSWER_H

#include "db.h"
#include "libpq.h"

/* What a server says to a statement. */

/*
 * The class of an error by its SQLSTATE; "" for none, as when the connection
 * is gone.
 */
enum db_result pg_class(const char *sqlstate);

#define PG_STATE_SIZE 6

struct pg_answer {
	enum db_result rc;
	char state[PG_STATE_SIZE]; /* SQLSTATE of the failure, or "" */
	bool overtime;             /* was it refused for its time? */
	char why[DB_WHY_SIZE];
};

/* Fills in what the result, or the connection if it is NULL, has to say. */
void pg_failed(struct pg_answer *a, PGconn *conn, const PGresult *res);

/* The answer of a server that does not keep to the rules, for this reason. */
struct pg_answer pg_lie(const char *why);

/* An error's text, in one line and fit for a terminal. */
void pg_say(char why[DB_WHY_SIZE], const char *text, size_t len);

#endif
