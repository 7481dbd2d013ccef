/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counts.h"
#include "database.h"
#include "descriptors.h"
#include "dry/dry.h"
#include "files.h"
#include "log.h"
#include "notify.h"
#include "run.h"
#include "status.h"
#include "stream/apply.h"
#include "stream/report.h"
#include "stream/rows.h"
#include "trace/trace.h"

/* What was done, for those who asked for it. */
static void
tell_totals(const struct options *o, const struct cursor *cursor,
    const struct apply_totals *t, int64_t requests)
{
	bool alone = o->no_cursor || o->dry;
	struct buf rows = {0}, json = {0};
	char also[64] = "";

	if (requests > 0) {
		log_field_int("requests", requests);
		snprintf(also, sizeof also, "; %" PRId64 " requests", requests);
	}

	rows_tell(t->tables, &rows, &json);
	log_field_int("events", (int64_t)t->events);
	log_field_int("batches", (int64_t)t->batches);
	log_field_int("parked", (int64_t)t->parked);
	log_field("cursor", alone ? NULL : cursor->held);
	log_field_json("rows", buf_str(&json));
	log_info("%zu events in %zu batches, %zu parked%s%s; cursor %s%s",
	    t->events, t->batches, t->parked, rows.len > 0 ? "; rows: " : "",
	    buf_str(&rows),
	    alone                   ? "left alone"
	    : *cursor->held != '\0' ? cursor->held
				    : "not set",
	    also);
	buf_free(&rows);
	buf_free(&json);
}

static void
tell(const struct options *o, const struct cursor *cursor,
    const struct apply_totals *t, int64_t requests)
{
	if (!o->no_cursor && cursor->lost) {
		log_warnx(
		    "another program has moved the cursor: it is left alone");
	} else if (!o->no_cursor && !cursor->follows && cursor->passed) {
		log_field("cursor", cursor->held);
		log_warnx(
		    "the cursor stays at %s: nothing says that these events "
		    "come after it",
		    cursor->held);
	}
	if (o->verbose)
		tell_totals(o, cursor, t, requests);
}

static void
trace_totals(const struct apply_totals *t, const struct db *db)
{
	struct span *s = trace_program();

	span_text(s, "db.system.name", db->ops->system);
	span_int(s, "wos.events", (int64_t)t->events);
	span_int(s, "wos.parked", (int64_t)t->parked);
	span_int(s, "wos.batches", (int64_t)t->batches);
	span_int(s, "wos.rows_changed", t->changed);
}

static int
apply_file(struct db *db, const char *name, const struct options *o,
    struct cursor *cursor, struct apply_totals *totals)
{
	int fd = STDIN_FILENO, status;

	if (strcmp(name, "-") != 0 &&
	    (fd = open(name, O_RDONLY | O_CLOEXEC)) == -1)
		log_err(STATUS_FAILED, "%s", name);
	if (fd == STDIN_FILENO)
		descriptors_await("SQL, as wos-decode writes it");
	status = apply_stream(db, fd, fd == STDIN_FILENO ? "stdin" : name,
	    o->batch, o->no_cursor ? NULL : cursor, totals);
	if (fd != STDIN_FILENO)
		close(fd);
	return status;
}

/*
 * Has the run come to its end with this stream?  It has if wos-fetch says so,
 * and all that it wrote until then is in the database.
 */
static bool
is_end_of_run(const struct options *o, const struct report *r,
    const struct apply_totals *t)
{
	return o->began != 0 && o->fill == NULL && !r->terms.follow &&
	       r->terms.ended && r->terms.end_lines == t->events &&
	       t->parked == 0;
}

/* Applies them to a database that is open. */
static int
apply_files(struct db *db, const struct options *o)
{
	char dash[] = "-", *just_stdin[] = {dash, NULL};
	struct apply_totals totals = {0};
	struct report report;
	struct cursor_options how = {.name = o->cursor,
	    .after = o->after,
	    .restart = o->restart,
	    .fill = o->fill,
	    .dry = o->dry,
	    .report = o->report != 0 ? &report : NULL};
	struct cursor cursor;
	enum db_result rc;
	int status = 0;

	if (o->verbose)
		totals.tables = rows_new();
	report_init(&report, (int)o->report);
	if (o->began != 0)
		run_note_begin(db, o);
	rc = cursor_init(&cursor, db, &how);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	for (char **f = *o->files ? o->files : just_stdin; *f && status == 0;
	     f++)
		status = apply_file(db, *f, o, &cursor, &totals);
	apply_log_rest(&totals);
	trace_totals(&totals, db);
	if (status == 0 && o->verify)
		dry_totals(db);
	else if (status == 0)
		tell(o, &cursor, &totals, db->requests);
	if (status == 0 && is_end_of_run(o, &report, &totals))
		run_note_end(db, o);
	if (status == 0 && totals.parked > 0 && (!o->dry || o->verify))
		status = STATUS_PARKED;
	cursor_release(&cursor);
	report_release(&report);
	free(totals.tables);
	return status;
}

int
files_apply(struct db *db, const struct options *o)
{
	int status;

	if (!o->dry || o->verify) /* all else is over at once */
		trace_init("wos-apply");
	if (!o->dry)
		counts_init();
	notify_init();
	db = o->dry ? database_open_dry(o) : database_open_feed(o, DB_WRITE);
	if (o->empty)
		database_check_empty(db, o);
	status = database_end(db, o, apply_files(db, o));
	db_close(db);
	descriptors_flush();
	return status;
}
