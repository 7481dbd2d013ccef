/*
 * A connection to PostgreSQL, and one statement on it at a time.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "pg.h"
#include "pg_name.h"
#include "utf8.h"
#include "visible.h"

#ifndef LIBPQ_HAS_PIPELINING
#error "libpq 14 or newer is needed, or make POSTGRES=no"
#endif

/*
 * How long to wait for a connection, in seconds, unless connect_timeout says
 * otherwise: long enough for a serverless database to be woken up.
 */
#define CONNECT_TIMEOUT 30

/*
 * How long the server may be silent, in milliseconds, before it counts as
 * gone; others may keep it waiting as long as --busy-timeout says.  Nothing
 * that is asked of it takes a tenth of that.
 */
#define ANSWER_TIMEOUT (10 * 60 * 1000)

/* What PostgreSQL's types are called in results. */
enum { OID_BOOL = 16, OID_INT8 = 20, OID_INT4 = 23 };

/* An error's text, in one line and fit for a terminal. */
static void
say(char why[DB_WHY_SIZE], const char *text, size_t len)
{
	while (len > 0 && strchr("\n ", text[len - 1]) != NULL)
		len--;
	visible(why, DB_WHY_SIZE, text, len);
}

static const char *
option(const PQconninfoOption *o, const char *keyword)
{
	for (; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val != NULL && *o->val != '\0' ? o->val
								 : NULL;
	return NULL;
}

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

static void
discard_notice(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static bool
wait_for(PGconn *conn, short events, int ms)
{
	struct pollfd p = {.fd = pq.socket(conn), .events = events};
	int n;

	if (p.fd == -1)
		return false;
	do
		n = poll(&p, 1, ms);
	while (n == -1 && errno == EINTR);
	return n > 0;
}

bool
pg_wait(PGconn *conn)
{
	int more = pq.flush(conn);

	return more != -1 &&
	       wait_for(conn, more == 1 ? POLLIN | POLLOUT : POLLIN,
		   ANSWER_TIMEOUT + (int)db_busy_ms);
}

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
	say(why, line.p, line.len);
	buf_free(&line);
	if (state == NULL &&
	    (pq.connectionNeedsPassword(conn) || !any_may_pass(text)))
		return DB_FAILED;
	rc = pg_class(code);
	return rc == DB_AGAIN || rc == DB_BUSY ? DB_BUSY : DB_FAILED;
}

/* Milliseconds; the connection's own setting counts, 0 being for ever. */
static int
connect_timeout(PGconn *conn)
{
	PQconninfoOption *o = pq.conninfo(conn);
	const char *text = o ? option(o, "connect_timeout") : NULL;
	long seconds = text ? strtol(text, NULL, 10) : CONNECT_TIMEOUT;

	pq.conninfoFree(o);
	if (seconds <= 0 || seconds > ANSWER_TIMEOUT / 1000)
		return ANSWER_TIMEOUT;
	return (int)seconds * 1000;
}

static bool
finish_connecting(PGconn *conn, int timeout)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
		if (!wait_for(conn,
			state == PGRES_POLLING_READING ? POLLIN : POLLOUT,
			timeout))
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
		log_err(1, NULL);
	pq.setErrorVerbosity(conn, PQERRORS_VERBOSE);
	pq.setNoticeProcessor(conn, discard_notice, NULL);
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

static void
give_row(const PGresult *res, int row_number, db_row_fn *row, void *arg)
{
	struct value value[DB_MAX_COLUMNS];
	int n = pq.nfields(res);

	if (n > DB_MAX_COLUMNS)
		log_errx(
		    1, "a result has more columns than %d", DB_MAX_COLUMNS);
	for (int i = 0; i < n; i++) {
		const char *text = pq.getvalue(res, row_number, i);
		unsigned type = pq.ftype(res, i);

		if (pq.getisnull(res, row_number, i))
			value[i] = value_text(NULL);
		else if (type == OID_INT8 || type == OID_INT4)
			value[i] = value_int(strtoll(text, NULL, 10));
		else if (type == OID_BOOL)
			value[i] = (struct value){
			    .type = VALUE_BOOL, .i = *text == 't'};
		else
			value[i] = value_bytes(
			    text, (size_t)pq.getlength(res, row_number, i));
	}
	row(arg, value, (size_t)n);
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

	if (text != NULL)
		buf_puts(&line, text);
	else /* libpq's own, and an explanation in further lines */
		buf_add(&line, pq.errorMessage(conn),
		    strcspn(pq.errorMessage(conn), "\n"));
	if (line.len == 0)
		buf_puts(&line, "the server does not answer");
	if (detail != NULL && value) /* others tell of whole rows, with times */
		buf_printf(&line, ": %s", detail);
	say(a->why, line.p, line.len);
	buf_free(&line);
	snprintf(a->state, sizeof a->state, "%s", state ? state : "");
	a->rc = pg_class(a->state);
}

/* Waits for the next result; NULL after the last, or if there is no answer. */
static PGresult *
next_result(PGconn *conn, struct pg_answer *a)
{
	while (pq.isBusy(conn))
		if (!pg_wait(conn) || !pq.consumeInput(conn)) {
			pg_failed(a, conn, NULL);
			return NULL;
		}
	return pq.getResult(conn);
}

/*
 * Adds a text and its NUL.  The server takes UTF-8 only, so every other byte
 * becomes U+FFFD.
 */
static void
add_text(struct buf *out, const char *text, size_t len)
{
	utf8_mend(out, text, len);
	buf_putc(out, '\0');
}

void
pg_params(struct buf *text, const struct value *value, size_t nvalues,
    const char *param[PG_MOST_VALUES])
{
	size_t at[PG_MOST_VALUES];

	if (nvalues > PG_MOST_VALUES)
		log_errx(
		    1, "a statement has more values than %d", PG_MOST_VALUES);
	buf_clear(text);
	for (size_t i = 0; i < nvalues; i++) {
		const struct value *v = &value[i];

		at[i] = text->len;
		if (v->type == VALUE_TEXT)
			add_text(text, v->text, v->len);
		else if (v->type == VALUE_BOOL)
			add_text(text, v->i ? "true" : "false", v->i ? 4 : 5);
		else if (v->type == VALUE_INT) {
			buf_printf(text, "%" PRId64, v->i);
			buf_putc(text, '\0');
		}
	}
	for (size_t i = 0; i < nvalues; i++)
		param[i] = value[i].type != VALUE_NULL ? text->p + at[i] : NULL;
}

static void
send_values(PGconn *conn, const char *sql, const struct value *value,
    size_t nvalues, struct pg_answer *a)
{
	const char *param[PG_MOST_VALUES];
	struct buf text = {0};
	int sent;

	pg_params(&text, value, nvalues, param);
	sent = nvalues > 0 ? pq.sendQueryParams(conn, sql, (int)nvalues, NULL,
				 param, NULL, NULL, 0)
			   : pq.sendQuery(conn, sql);
	if (!sent)
		pg_failed(a, conn, NULL);
	buf_free(&text);
}

struct pg_answer
pg_exec(PGconn *conn, const char *sql, const struct value *value,
    size_t nvalues, db_row_fn *row, void *arg)
{
	struct pg_answer a = {.rc = DB_OK};
	PGresult *res;

	send_values(conn, sql, value, nvalues, &a);
	if (a.rc != DB_OK)
		return a;
	pq.setSingleRowMode(conn);
	while ((res = next_result(conn, &a)) != NULL) {
		ExecStatusType status = pq.resultStatus(res);

		if (status == PGRES_SINGLE_TUPLE && row != NULL)
			give_row(res, 0, row, arg);
		else if (status != PGRES_SINGLE_TUPLE &&
			 status != PGRES_TUPLES_OK &&
			 status != PGRES_COMMAND_OK && a.rc == DB_OK)
			pg_failed(&a, conn, res);
		pq.clear(res);
	}
	return a;
}
