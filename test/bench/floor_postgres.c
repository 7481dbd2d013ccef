/* SPDX-License-Identifier: MIT */
/*
 * The floor of what a stream costs in PostgreSQL: the rows that wos-decode's
 * SQL would write, from memory, through prepared statements in libpq's
 * pipeline. No text is read, no statement is checked, none can be parked, and
 * no cursor moves.
 *
 * usage: floor_postgres STREAM CONNECTION; the database has the schema.  Prints
 * the seconds that the writing took.
 */
#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgres/libpq.h"
#include "held.h"
#include "stream/batch.h"

/*
 * So many statements are sent before their answers are asked for, and so many
 * may be underway: as in wos-apply.
 */
#define FLUSH_STATEMENTS 64
#define MOST_UNDERWAY 1024

static PGconn *conn;
static size_t underway, unflushed; /* statements */

static void
fail(void)
{
	errx(1, "%s", pq.errorMessage(conn));
}

/* The value as libpq wants it; it lives as long as the program. */
static char *
param(const struct value *v)
{
	char *text = NULL;

	if (v->type == VALUE_NULL)
		return NULL;
	if (v->type == VALUE_TEXT)
		text = strndup(v->text, v->len);
	else if (asprintf(&text, "%" PRId64, v->i) == -1)
		text = NULL;
	if (text == NULL)
		err(1, NULL);
	return text;
}

static const char **
params(const struct held *rows)
{
	const char **text = calloc(rows->nvalues + 1, sizeof *text);

	if (text == NULL)
		err(1, NULL);
	for (size_t i = 0; i < rows->nvalues; i++)
		text[i] = param(&rows->value[i]);
	return text;
}

/* Takes the answers that are there. */
static void
take(void)
{
	PGresult *res;

	if (!pq.consumeInput(conn))
		fail();
	while (underway > 0 && !pq.isBusy(conn)) {
		if ((res = pq.getResult(conn)) == NULL) {
			underway--; /* all that this one's had to say */
			continue;
		}
		if (pq.resultStatus(res) == PGRES_PIPELINE_SYNC)
			underway--;
		else if (pq.resultStatus(res) != PGRES_COMMAND_OK)
			fail();
		pq.clear(res);
	}
}

/* Sends what there is; takes answers until no more than `most` are underway. */
static void
flush(size_t most)
{
	struct pollfd p = {.fd = pq.socket(conn)};
	int more;

	unflushed = 0;
	while ((more = pq.flush(conn)) == 1 || underway > most) {
		p.events = more == 1 ? POLLIN | POLLOUT : POLLIN;
		if (poll(&p, 1, -1) == -1)
			err(1, "poll");
		take();
	}
	if (more == -1)
		fail();
	take();
}

static void
sent(int ok)
{
	if (!ok)
		fail();
	underway++;
	if (++unflushed < FLUSH_STATEMENTS)
		return;
	if (!pq.sendFlushRequest(conn))
		fail();
	flush(MOST_UNDERWAY);
}

static void
own(const char *sql)
{
	sent(pq.sendQueryParams(conn, sql, 0, NULL, NULL, NULL, NULL, 0));
}

static void
commit(void)
{
	own("COMMIT");
	sent(pq.pipelineSync(conn));
	flush(0);
}

/* What the server calls a statement, which is known by its number. */
static const char *
name_of(size_t query)
{
	static char name[sizeof "18446744073709551615"];

	snprintf(name, sizeof name, "%zu", query);
	return name;
}

static void
write_all(const struct held *rows, const char **text)
{
	size_t events = 0;

	own("BEGIN");
	for (size_t i = 0; i < rows->nqueries; i++)
		sent(pq.sendPrepare(
		    conn, name_of(i), rows->query[i].sql, 0, NULL));
	for (size_t i = 0; i < rows->nwrites; i++) {
		const struct write *w = &rows->write[i];

		if (w->query != NULL) {
			sent(pq.sendQueryPrepared(conn,
			    name_of((size_t)(w->query - rows->query)),
			    (int)w->n, text + w->first, NULL, NULL, 0));
		} else if (++events % BATCH_EVENTS == 0) {
			commit();
			own("BEGIN");
		}
	}
	commit();
}

/* Waits until the server has taken the connection. */
static void
connect_to(const char *where)
{
	const char *const keyword[] = {"dbname", NULL}, *const value[] = {
							    where, NULL};
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;
	struct pollfd p;

	if ((conn = pq.connectStartParams(keyword, value, 1)) == NULL)
		err(1, NULL);
	for (; state != PGRES_POLLING_OK; state = pq.connectPoll(conn)) {
		p.fd = pq.socket(conn);
		p.events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		if (state == PGRES_POLLING_FAILED || poll(&p, 1, -1) == -1)
			fail();
	}
	if (pq.setnonblocking(conn, 1) == -1 || !pq.enterPipelineMode(conn))
		fail();
}

int
main(int argc, char **argv)
{
	const char **text, *why;
	struct held rows;
	double begun;

	if (argc != 3)
		errx(2, "usage: floor_postgres STREAM CONNECTION");
	if (!libpq_load(&why))
		errx(1, "%s", why);
	rows = held_read(argv[1], false);
	text = params(&rows);
	begun = held_seconds();
	connect_to(argv[2]);
	write_all(&rows, text);
	pq.finish(conn);
	free(text);
	printf("%.3f\n", held_seconds() - begun);
	return 0;
}
