/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "pg_answer.h"
#include "pg_wait.h"
#include "visible.h"

enum db_result
pg_class(const char *s)
{
	static const struct {
		const char *state; /* or what it begins with */
		enum db_result rc;
	} classes[] = {
	    {"", DB_AGAIN},        /* the connection is gone */
	    {"08", DB_AGAIN},      /* likewise */
	    {"25006", DB_FAILED},  /* a replica, or read only by its owner */
	    {"40002", DB_REFUSED}, /* a constraint at the commit */
	    {"40", DB_AGAIN},      /* others were at work: the loser retries */
	    {"42501", DB_FAILED},  /* no privilege: not the event's fault */
	    {"42P05", DB_FAILED},  /* a statement of that name exists */
	    {"53", DB_AGAIN},      /* out of disk, memory or connections */
	    {"55P03", DB_BUSY},    /* another writer has the lock */
	    {"57", DB_AGAIN},      /* the administrator steps in */
	    {"58", DB_AGAIN},      /* the server's own disk or network */
	    {"0A", DB_REFUSED},    /* not supported */
	    {"21", DB_REFUSED}, /* the values, the statement, a constraint, */
	    {"22", DB_REFUSED}, /* a trigger or a limit of its owner's */
	    {"23", DB_REFUSED},
	    {"27", DB_REFUSED},
	    {"42", DB_REFUSED},
	    {"44", DB_REFUSED},
	    {"54", DB_REFUSED},
	    {"P0", DB_REFUSED},
	};

	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		size_t n = strlen(classes[i].state);

		if (strncmp(s, classes[i].state, n) == 0 &&
		    (n > 0 || *s == '\0'))
			return classes[i].rc;
	}
	return DB_FAILED;
}

void
pg_say(char why[DB_WHY_SIZE], const char *text, size_t len)
{
	while (len > 0 && strchr("\n ", text[len - 1]) != NULL)
		len--;
	visible(why, DB_WHY_SIZE, text, len);
}

struct pg_answer
pg_lie(const char *why)
{
	struct pg_answer a = {.rc = DB_FAILED};

	snprintf(a.why, sizeof a.why, "%s", why);
	return a;
}

void
pg_failed(struct pg_answer *a, PGconn *conn, const PGresult *res)
{
	const char *state =
	    res ? pq.resultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	const char *text =
	    res ? pq.resultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *detail =
	    res ? pq.resultErrorField(res, PG_DIAG_MESSAGE_DETAIL) : NULL;
	bool value = state != NULL && strncmp(state, "22", 2) == 0;
	struct buf line = {0};

	if (res == NULL && pg_wait_why() != NULL) {
		*a = pg_lie(pg_wait_why());
		return;
	}
	if (text != NULL)
		buf_puts(&line, text);
	else /* libpq's own, and an explanation in further lines */
		buf_add(&line, pq.errorMessage(conn),
		    strcspn(pq.errorMessage(conn), "\n"));
	if (line.len == 0)
		buf_puts(&line, "the server does not answer");
	if (detail != NULL && value) /* others tell of whole rows, with times */
		buf_printf(&line, ": %s", detail);
	pg_say(a->why, line.p, line.len);
	buf_free(&line);
	snprintf(a->state, sizeof a->state, "%s", state ? state : "");
	a->overtime = false;
	a->rc = pg_class(a->state);
}
