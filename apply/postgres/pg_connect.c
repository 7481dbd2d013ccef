/* SPDX-License-Identifier: MIT */
/*
 * A connection to PostgreSQL: what names it, and how it is made.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "pg_answer.h"
#include "pg_connect.h"
#include "pg_name.h"
#include "pg_wait.h"

#ifndef LIBPQ_HAS_PIPELINING
#error "libpq 14 or newer is needed, or make POSTGRES=no"
#endif

/*
 * How long to wait for a connection, in seconds, unless connect_timeout says
 * otherwise: long enough for a serverless database to be woken up.
 */
#define CONNECT_TIMEOUT 30

/*
 * What connect_timeout may ask for at most, in seconds; 0 asks for ever.  The
 * runs that cron begins meanwhile wait for this one.
 */
#define CONNECT_TIMEOUT_MOST (10 * 60)

/*
 * libpq gives no SQLSTATE for a connection that came to nothing, but when its
 * messages are verbose the text has one:  FATAL:  28P01: password ...
 */
static const char *
find_state(const char *text)
{
	for (; (text = strstr(text, ":  ")) != NULL; text++)
		if (strspn(text + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
			PG_STATE_SIZE - 1 &&
		    strncmp(text + 3 + PG_STATE_SIZE - 1, ": ", 2) == 0)
			return text + 3;
	return NULL;
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/*
 * Is it what may pass: no address, no answer?  All else is a setting, which has
 * to be changed.  libpq speaks English to a program that sets no locale.
 */
static bool
may_pass(const char *reason)
{
	static const int errors[] = {EADDRNOTAVAIL, EAGAIN, ECONNABORTED,
	    ECONNREFUSED, ECONNRESET, EHOSTDOWN, EHOSTUNREACH, ENETDOWN,
	    ENETUNREACH, ENOENT, EPIPE, ETIMEDOUT};
	static const char *const texts[] = {"server closed the connection",
	    "timeout expired", "SSL SYSCALL error", "could not receive data",
	    "could not send data", "could not fork new process",
	    "server sent an error response during SSL exchange"};

	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (begins(reason, strerror(errors[i])))
			return true;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (begins(reason, texts[i]))
			return true;
	return false;
}

/* May it be another time's: of one of its servers, if it has several? */
static bool
any_may_pass(const char *text)
{
	static const char failed[] = " failed: ";

	if (strstr(text, "could not translate host name") != NULL)
		return true;
	for (; (text = strstr(text, failed)) != NULL; text++)
		if (may_pass(text + strlen(failed)))
			return true;
	return false;
}

/* Says why there is no connection: the line with the state, or the first. */
static enum db_result
not_connected(PGconn *conn, char why[DB_WHY_SIZE])
{
	const char *text = pq.errorMessage(conn), *state = find_state(text),
		   *start = text;
	char code[PG_STATE_SIZE] = "";
	struct buf line = {0};
	enum db_result rc;

	if (state != NULL) {
		memcpy(code, state, sizeof code - 1);
		for (start = state; start > text && start[-1] != '\n';)
			start--;
		buf_add(&line, start, (size_t)(state - start));
		start = state + sizeof code - 1 + 2; /* the colon and a space */
	}
	buf_add(&line, start, strcspn(start, "\n"));
	pg_say(why, line.p, line.len);
	buf_free(&line);
	if (state == NULL &&
	    (pq.connectionNeedsPassword(conn) || !any_may_pass(text)))
		return DB_FAILED;
	rc = pg_class(code);
	return rc == DB_AGAIN || rc == DB_BUSY ? DB_BUSY : DB_FAILED;
}

/* Seconds; the connection's own setting counts. */
static long
connect_timeout(PGconn *conn)
{
	PQconninfoOption *o = pq.conninfo(conn);
	const char *text = o ? libpq_option(o, "connect_timeout") : NULL;
	long seconds = text ? strtol(text, NULL, 10) : CONNECT_TIMEOUT;

	pq.conninfoFree(o);
	if (seconds <= 0 || seconds > CONNECT_TIMEOUT_MOST)
		return CONNECT_TIMEOUT_MOST;
	return seconds;
}

/*
 * We are to write where an attempt begins, of which there is one for each
 * address, and as often as the protocol has it.  The server may take its time
 * each time, but not by drips.
 */
static bool
finish_connecting(PGconn *conn, long seconds)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
		if (state == PGRES_POLLING_WRITING)
			pg_wait_begin(seconds * 1000);
		if (!pg_wait_for(conn,
			state == PGRES_POLLING_READING ? POLLIN : POLLOUT))
			return false;
		state = pq.connectPoll(conn);
	}
	return true;
}

/* Other encodings can't hold what events have in them. */
static enum db_result
check_encoding(PGconn *conn, char why[DB_WHY_SIZE])
{
	const char *encoding = pq.parameterStatus(conn, "server_encoding");

	if (encoding == NULL || strcmp(encoding, "UTF8") == 0)
		return DB_OK;
	snprintf(why, DB_WHY_SIZE,
	    "the database's encoding is %.40s; events need one with UTF8",
	    encoding);
	return DB_FAILED;
}

static PGconn *
start_connecting(const char *where)
{
	/* What comes before dbname is for `where` to override. */
	const char *const keyword[] = {"fallback_application_name",
	    "keepalives_idle", "keepalives_interval", "keepalives_count",
	    "dbname", "client_encoding", NULL};
	const char *const value[] = {
	    "wos-apply", "60", "10", "6", where, "UTF8", NULL};
	PGconn *conn = pq.connectStartParams(keyword, value, 1);

	if (conn == NULL)
		memory_out();
	pq.setErrorVerbosity(conn, PQERRORS_VERBOSE);
	pq.setNoticeProcessor(conn, pg_count_notice, NULL);
	return conn;
}

enum db_result
pg_connect(const char *where, PGconn **conn, char why[DB_WHY_SIZE])
{
	enum db_result rc = DB_OK;
	char *error = NULL;
	PQconninfoOption *o = pq.conninfoParse(where, &error);

	*conn = NULL;
	if (o == NULL) {
		pg_name_refused(why, error ? error : "no memory");
		pq.freemem(error);
		return DB_FAILED;
	}
	pq.conninfoFree(o);
	*conn = start_connecting(where);
	if (pq.status(*conn) != CONNECTION_BAD &&
	    !finish_connecting(*conn, connect_timeout(*conn))) {
		snprintf(why, DB_WHY_SIZE, "no answer from the server");
		rc = DB_BUSY;
	} else if (pq.status(*conn) != CONNECTION_OK) {
		rc = not_connected(*conn, why);
	} else {
		rc = check_encoding(*conn, why);
	}
	if (rc == DB_OK && pq.setnonblocking(*conn, 1) == -1)
		rc = not_connected(*conn, why);
	if (rc != DB_OK) {
		pq.finish(*conn);
		*conn = NULL;
	}
	return rc;
}
