/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "answers.h"
#include "clock.h"
#include "cursor.h"
#include "database.h"
#include "ddl.h"
#include "descriptors.h"
#include "export.h"
#include "facts.h"
#include "log.h"
#include "plan.h"
#include "retry.h"
#include "status.h"

static int64_t
now(const struct options *o)
{
	return o->now == -1 ? time_now() : o->now;
}

enum db_result
answer_cursor(struct db *db, const struct options *o)
{
	char held[EVENT_ID_MAX + 1];
	enum db_result rc = cursor_find(db, o->cursor, held);

	if (rc == DB_OK && *held != '\0')
		puts(held);
	return rc;
}

enum db_result
answer_cursor_info(struct db *db, const struct options *o)
{
	return cursor_print(db, o->cursor, stdout);
}

enum db_result
answer_export(struct db *db, const struct options *o)
{
	(void)o;
	return export_ledger(db, stdout);
}

enum db_result
answer_gap(struct db *db, const struct options *o)
{
	const char *text = o->argument;
	int64_t from = options_ms("--gap", &text, ':');

	return cursor_gap(
	    db, o->cursor, from, options_ms("--gap", &text, '\0'));
}

enum db_result
answer_parked(struct db *db, const struct options *o)
{
	return parked_list(db, &o->parked, stdout);
}

enum db_result
answer_parked_drop(struct db *db, const struct options *o)
{
	bool found = false;
	enum db_result rc = parked_drop(db, o->argument, stdout, &found);

	descriptors_flush();
	if (rc == DB_OK && !found)
		log_errx(STATUS_FAILED, "%s: nothing is parked as %s", o->shown,
		    o->argument);
	return rc;
}

/* What wos-fetch --explain says is on standard input. */
enum db_result
answer_plan(struct db *db, const struct options *o)
{
	struct terms terms;
	struct plan_options how = {.shown = o->field,
	    .cursor = o->cursor,
	    .terms = &terms,
	    .now = now(o),
	    .quiet = o->quiet};
	enum db_result rc;

	plan_read(stdin, &terms);
	rc = plan_print(db, &how, stdout);
	terms_free(&terms);
	return rc;
}

enum db_result
answer_sample(struct db *db, const struct options *o)
{
	(void)o;
	return plan_sample(db, stdout);
}

enum db_result
answer_status(struct db *db, const struct options *o)
{
	return facts_print(db, o->shown, now(o), o->days, stdout);
}

enum db_result
answer_tail_seen(struct db *db, const struct options *o)
{
	const char *text = o->argument;

	return cursor_tail(
	    db, o->cursor, options_ms("--tail-seen", &text, '\0'));
}

/* For scripts, which must not guess what libpq makes of a name. */
int
answer_name(struct db *db, const struct options *o)
{
	struct name *n = o->name;

	(void)db;
	printf("kind %s\nshown %s\nlabel %s\nlock %s\n",
	    n->server ? "server" : "file", o->shown, buf_str(&n->label),
	    n->lock);
	return descriptors_flush();
}

int
answer_parked_drop_all(struct db *db, const struct options *o)
{
	size_t dropped;
	enum db_result rc = parked_drop_all(db, &o->parked, stdout, &dropped);

	if (o->verbose)
		log_info("%zu are parked no more", dropped);
	descriptors_flush();
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	return STATUS_DONE;
}

int
answer_parked_retry(struct db *db, const struct options *o)
{
	return retry_parked(db, o->shown, o->batch);
}

int
answer_schema(struct db *db, const struct options *o)
{
	struct buf out = {0};

	(void)db;
	if (strcmp(o->argument, "sqlite") == 0)
		ddl_schema(&out, DIALECT_SQLITE);
	else if (strcmp(o->argument, "postgres") == 0)
		ddl_schema(&out, DIALECT_POSTGRES);
	else
		log_errx(STATUS_USAGE,
		    "--schema: neither sqlite nor postgres: %s", o->argument);
	fwrite(out.p, 1, out.len, stdout);
	buf_free(&out);
	return descriptors_flush();
}
