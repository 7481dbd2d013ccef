/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "after.h"
#include "change/feed.h"
#include "forgotten.h"
#include "ledger.h"
#include "log.h"
#include "open.h"
#include "retry.h"
#include "status.h"
#include "stream/apply.h"

/* Bytes of lines that wos-decode is started for, and that are in a file. */
#define CHUNK ((size_t)64 << 20)

/* Lines on their way to another database. */
struct moving {
	struct db *to;
	FILE *lines;
	size_t len;
	struct apply_totals totals;
	int status; /* once it is not 0, nothing more is moved */
};

static void
move_lines(struct moving *m)
{
	if (m->status == 0 && m->len > 0)
		m->status = retry_decode(m->to, m->lines, &m->totals);
	m->lines = retry_lines_file();
	m->len = 0;
}

static void
take_line(void *arg, const char *line, size_t len)
{
	struct moving *m = arg;

	if (m->status != 0)
		return;
	fwrite(line, 1, len, m->lines);
	putc('\n', m->lines);
	m->len += len + 1;
	if (m->len >= CHUNK)
		move_lines(m);
}

/* Events first, unless lists are to come before them. */
static int
move(struct db *from, struct db *to, const struct extent *e,
    const struct options *o)
{
	struct moving m = {.to = to, .lines = retry_lines_file()};
	bool before = e->which == LEDGER_UP_TO;
	int64_t left_out = 0;
	enum db_result rc = DB_OK;

	if (before)
		rc = ledger_lists(from, e, false, take_line, &m);
	if (rc == DB_OK)
		rc = ledger_events(from, e, take_line, &m, &left_out);
	if (rc == DB_OK && !before)
		rc = ledger_lists(from, e, false, take_line, &m);
	if (rc == DB_OK)
		rc = db_sync(from);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, from->why);
	move_lines(&m);
	if (m.status == 0 && m.totals.parked > 0)
		m.status = STATUS_PARKED;
	return m.status;
}

static void
check(enum db_result rc, const char *why)
{
	if (rc != DB_OK)
		log_errx(db_status(rc), "temporary database: %s", why);
}

int
after_print(struct db *db, const struct options *o)
{
	const struct feed_options how = {.lines = true};
	struct extent e = {.which = LEDGER_UP_TO};
	char why[DB_WHY_SIZE];
	struct db *inner, *copy;
	bool found;
	enum db_result rc;
	int status, later;

	if (db == NULL)
		log_errx(STATUS_FAILED, "%s: no such database", o->shown);
	rc = ledger_find(db, o->argument, &e, &found);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	if (!found)
		log_errx(STATUS_FAILED, "%s: %s: not an event of the ledger",
		    o->shown, o->argument);
	rc = forgotten_warn(db,
	    "what has changed since may be told as new, or against what it "
	    "was before");
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	check(db_open_temporary(&inner, why), why);
	status = move(db, inner, &e, o);
	if (status != STATUS_DONE && status != STATUS_PARKED)
		return status;
	check(feed_open(inner, &how, &copy), inner->why);
	e.which = LEDGER_BEYOND;
	later = move(db, copy, &e, o);
	check(feed_end(copy), copy->why);
	db_close(copy);
	return later != STATUS_DONE ? later : status;
}
