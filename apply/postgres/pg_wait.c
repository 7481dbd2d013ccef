/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "db.h"
#include "pg_wait.h"

/*
 * Notices before an answer: a trigger of the database's owner may send one for
 * each row of a statement.
 */
#define NOTICES_MOST 1000000

/*
 * A group of 16 MiB as it is read, as values and as libpq sends it, or a row of
 * that size as it comes, take 150 MB.
 */
#define PG_MEMORY_MOST ((rlim_t)512 * 1024 * 1024)

/* What is left of a statement's time where it waits for a lock till the end. */
#define LOCK_MARGIN_MS 2000

/* poll(2) takes an int: a longer wait is several of so many milliseconds. */
#define POLL_MS_MOST 1000000

static struct {
	int64_t until; /* on the clock of time_ticks */
	unsigned notices;
} patience;

const char *
pg_lock_timeout(void)
{
	static char sql[sizeof "SET LOCAL lock_timeout = 4294967295"];

	/* 0 would be for ever. */
	snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = %u",
	    db_busy_ms > 0 ? db_busy_ms : 1);
	return sql;
}

int64_t
pg_statement_ms(void)
{
	int64_t ms = (int64_t)db_busy_ms + LOCK_MARGIN_MS;

	if (ms < DB_STATEMENT_MS)
		return DB_STATEMENT_MS;
	return ms < INT32_MAX ? ms : INT32_MAX;
}

void
pg_wait_begin(int64_t ms)
{
	patience.until = time_ticks() + ms;
	patience.notices = 0;
}

void
pg_count_notice(void *arg, const char *text)
{
	(void)arg;
	(void)text;
	patience.notices++;
}

const char *
pg_wait_why(void)
{
	return patience.notices > NOTICES_MOST
		   ? "the server sends notices without end"
		   : NULL;
}

/* What is left of the time, as poll(2) wants it. */
static int
time_left(void)
{
	int64_t ms = patience.until - time_ticks();

	if (ms < 0)
		return 0;
	return ms < POLL_MS_MOST ? (int)ms : POLL_MS_MOST;
}

bool
pg_wait_for(PGconn *conn, short events)
{
	struct pollfd p = {.fd = pq.socket(conn), .events = events};
	int n = 0, ms;

	if (p.fd == -1)
		return false;
	while ((n == 0 || (n == -1 && errno == EINTR)) &&
	       pg_wait_why() == NULL && (ms = time_left()) > 0)
		n = poll(&p, 1, ms);
	return n > 0;
}

/* Nothing asks for notifications: they are no better than notices. */
static void
drop_notifications(PGconn *conn)
{
	PGnotify *n;

	while ((n = pq.notifies(conn)) != NULL) {
		pq.freemem(n);
		patience.notices++;
	}
}

bool
pg_wait(PGconn *conn)
{
	int more = pq.flush(conn);

	drop_notifications(conn);
	return more != -1 &&
	       pg_wait_for(conn, more == 1 ? POLLIN | POLLOUT : POLLIN);
}

/*
 * The bytes that the program may write to and shares with nobody, or 0: the
 * sixth number, in pages.
 */
static rlim_t
memory_now(void)
{
	char line[256], *p = line;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fgets(line, sizeof line, f) == NULL)
		*line = '\0';
	fclose(f);
	for (int i = 0; i < 5 && p != NULL; i++)
		p = strchr(p + 1, ' ');
	if (p == NULL)
		return 0;
	return (rlim_t)strtoul(p, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE);
}

void
pg_bound_memory(void)
{
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
	struct rlimit limit;
	rlim_t now = memory_now(), most = now + PG_MEMORY_MOST;

	if (now == 0 || getrlimit(RLIMIT_DATA, &limit) == -1 ||
	    limit.rlim_cur <= most)
		return;
	limit.rlim_cur = most;
	setrlimit(RLIMIT_DATA, &limit);
#endif
}
