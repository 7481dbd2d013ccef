/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "database.h"
#include "descriptors.h"
#include "log.h"
#include "log_note.h"
#include "open.h"
#include "reason.h"
#include "run.h"
#include "status.h"

/* A line of standard input, which log_note has bounded. */
#define LINE_SIZE 2048

/* Exit statuses from here on are signals. */
#define SIGNALLED 128

/* An error of a run: whose, with which statuses. */
struct error {
	char program[64];
	int64_t status, http;
	char message[LINE_SIZE];
};

/*
 * Whose error tells why the run failed: the script's, and then that of the last
 * program of the pipe, since those before it could no longer write to it.
 */
static int
rank(const char *program)
{
	static const char *const pipe[] = {
	    "wos-fetch", "wos-decode", "wos-apply"};

	for (int i = 0; i < 3; i++)
		if (strcmp(program, pipe[i]) == 0)
			return i + 1;
	return *program != '\0' ? 4 : 0;
}

/* The next word, up to a tab, which is taken away; "" if there is none. */
static const char *
next_word(char **rest)
{
	const char *word = strsep(rest, "\t");

	return word != NULL ? word : "";
}

/* A line of log_note: program, status, status of HTTP, message. */
static bool
read_error(struct error *e, char *line)
{
	snprintf(e->program, sizeof e->program, "%s", next_word(&line));
	e->status = strtoll(next_word(&line), NULL, 10);
	e->http = strtoll(next_word(&line), NULL, 10);
	if (line != NULL)
		snprintf(e->message, sizeof e->message, "%s", line);
	return line != NULL;
}

/* Of the errors in standard input, the one that tells why; or an empty one. */
static void
read_errors(struct error *why)
{
	char line[LINE_SIZE];
	struct error e;

	*why = (struct error){.program = ""};
	descriptors_await("the errors of the run, a line each");
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (read_error(&e, line) &&
		    rank(e.program) >= rank(why->program))
			*why = e;
	}
}

static const char *
reason_of_fetch(int64_t status, int64_t http)
{
	if (http == 401 || http == 403)
		return "key";
	if (http == 429)
		return "limit";
	if (http >= 400)
		return "api";
	return status == STATUS_RETRY ? "network" : "fetch";
}

static const char *
reason_of(unsigned status, const struct error *e)
{
	if (status > SIGNALLED || e->status > SIGNALLED)
		return "signal";
	if (status == STATUS_USAGE)
		return "usage";
	if (status == STATUS_CURSOR)
		return "forgotten";
	switch (rank(e->program)) {
	case 1:
		return reason_of_fetch(e->status, e->http);
	case 2:
		return "decode";
	case 3:
		return e->status == STATUS_RETRY ? "busy" : "database";
	default:
		return status == STATUS_RETRY ? "locked" : "sync";
	}
}

const char *
run_reason(unsigned status)
{
	struct error why;

	if (status == STATUS_DONE || status == STATUS_PARKED)
		return NULL;
	read_errors(&why);
	return reason_of(status, &why);
}

static enum db_result
note(struct db *db, const char *name, const struct run *run)
{
	static struct query q = {
	    .sql =
		"INSERT INTO \"sync_run\" (\"name\",\"began_at\","
		"\"ended_at\",\"exit_status\",\"reason\",\"message\") "
		"VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT (\"name\") DO UPDATE "
		"SET \"began_at\"=excluded.\"began_at\","
		"\"ended_at\"=excluded.\"ended_at\","
		"\"exit_status\"=excluded.\"exit_status\","
		"\"reason\"=excluded.\"reason\","
		"\"message\"=excluded.\"message\""};
	bool ended = run->ended_at != INT64_MIN;
	struct value none = {0};
	struct value value[] = {value_text(name), value_int(run->began_at),
	    ended ? value_int(run->ended_at) : none,
	    ended ? value_int(run->exit_status) : none,
	    *run->reason ? value_text(run->reason) : none,
	    *run->message ? value_text(run->message) : none};
	enum db_result rc = db_begin(db);

	if (rc == DB_OK)
		rc = db_run(db, &q, value, 6, NULL);
	return db_end(db, rc);
}

/* Notes it in the database, if there is one; `why` has the reason if not. */
static enum db_result
record(const struct options *o, const struct run *run, char why[DB_WHY_SIZE])
{
	struct db *db = NULL;
	enum db_result rc;

	database_confine(o);
	rc = db_open(o->database, DB_CHANGE, &db, why);
	if (rc != DB_OK || db == NULL)
		return rc;
	rc = note(db, o->cursor, run);
	snprintf(why, DB_WHY_SIZE, "%s", db->why);
	db_close(db);
	return rc;
}

int
run_begin(struct db *db, const struct options *o)
{
	struct run run = {.began_at = o->now, .ended_at = INT64_MIN};
	char why[DB_WHY_SIZE] = "";

	(void)db;
	(void)record(o, &run, why);
	printf("%" PRId64 "\n", o->now);
	return descriptors_flush();
}

void
run_note_begin(struct db *db, const struct options *o)
{
	struct run run = {.began_at = o->began, .ended_at = INT64_MIN};

	(void)note(db, o->cursor, &run);
}

void
run_note_end(struct db *db, const struct options *o)
{
	struct run run = {.began_at = o->began, .ended_at = time_now()};

	if (note(db, o->cursor, &run) == DB_OK)
		log_note("", LOG_NOTE_DONE, strlen(LOG_NOTE_DONE));
}

int
run_end(struct db *db, const struct options *o)
{
	unsigned status =
	    (unsigned)cli_read_number("--run-end", o->argument, 0, 255);
	struct run run = {.began_at = o->began != 0 ? o->began : o->now,
	    .ended_at = o->now,
	    .exit_status = status};
	char why[DB_WHY_SIZE] = "";
	struct error e = {.program = ""};

	(void)db;
	if (status != STATUS_DONE && status != STATUS_PARKED) {
		read_errors(&e);
		snprintf(
		    run.reason, sizeof run.reason, "%s", reason_of(status, &e));
		if (*e.program != '\0')
			snprintf(run.message, sizeof run.message, "%s: %.400s",
			    e.program, e.message);
		puts(run.reason);
	}
	/* After an error of wos-apply that would be its echo. */
	if (record(o, &run, why) != DB_OK &&
	    strcmp(e.program, "wos-apply") != 0)
		log_warnx(
		    "%s: how the run ended can't be noted: %s", o->shown, why);
	return descriptors_flush();
}

struct reading {
	run_fn *take;
	void *arg;
};

static int64_t
number_of(const struct value *v)
{
	return v->type == VALUE_INT && v->i >= 0 ? v->i : INT64_MIN;
}

static void
take_row(void *arg, const struct value *row, size_t n)
{
	const struct reading *r = arg;
	struct run run = {.began_at = number_of(&row[1]),
	    .ended_at = number_of(&row[2]),
	    .exit_status = number_of(&row[3])};

	(void)n;
	value_copy(&row[4], run.reason, sizeof run.reason);
	if (!reason_is_word(run.reason))
		*run.reason = '\0';
	value_copy(&row[5], run.message, sizeof run.message);
	r->take(r->arg, &row[0], &run);
}

enum db_result
run_read(struct db *db, const char *only, run_fn *take, void *arg)
{
	static struct query q = {
	    .sql = "SELECT \"name\",\"began_at\",\"ended_at\","
		   "\"exit_status\",\"reason\",\"message\" FROM \"sync_run\" "
		   "WHERE $1='' OR \"name\"=$2 ORDER BY \"name\""};
	struct value name = value_text(only != NULL ? only : "");
	struct reading r = {take, arg};
	enum db_result rc =
	    db_select(db, &q, (struct value[]){name, name}, 2, take_row, &r);

	/* A database of an older version has no such table. */
	return rc == DB_REFUSED ? DB_OK : rc;
}
