/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "counts.h"
#include "cursor.h"
#include "db.h"
#include "open.h"
#include "log.h"
#include "metrics.h"
#include "name.h"
#include "pipe.h"
#include "run.h"
#include "status.h"
#include "status_parts.h"
#include "utf8.h"

/* Of an old file nobody looks at more; ours has some 4,000 bytes. */
#define OLD_MAX 65536

/* No time is later. */
#define SECONDS_MOST 1e12

#define SUCCESS "last_success_timestamp_seconds"

struct metrics {
	const struct options *o;
	int64_t now;
	const char *file; /* that is replaced */
	struct buf labels, out;
};

/* The value of a label has fewer escapes than JSON: controls become `?`. */
static void
add_label(struct buf *out, const char *name, const char *text)
{
	size_t len = strlen(text), n;

	buf_printf(out, "%s=\"", name);
	for (; len > 0; text += n, len -= n) {
		n = utf8_length(text, len);
		if (n == 0)
			buf_puts(out, UTF8_REPLACEMENT);
		else if (utf8_is_control(text, n))
			buf_putc(out, '?');
		else if (*text == '"' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else
			buf_add(out, text, n);
		n += n == 0;
	}
	buf_putc(out, '"');
}

/* Tells a number; where the name says that it is of seconds, in seconds. */
static void
put(struct metrics *m, const char *name, const char *help, int64_t value)
{
	if (value < 0)
		return;
	buf_printf(&m->out, "# HELP wos_%s %s\n# TYPE wos_%s gauge\nwos_%s%s ",
	    name, help, name, name, buf_str(&m->labels));
	if (strstr(name, "_seconds") != NULL)
		buf_printf(&m->out, "%" PRId64 ".%03d\n", value / 1000,
		    (int)(value % 1000));
	else
		buf_printf(&m->out, "%" PRId64 "\n", value);
}

/* Why the run failed: 1, with the reason as a label more. */
static void
put_reason(struct metrics *m)
{
	const char *why =
	    m->o->exit_status == AT_WORK ? NULL : run_reason(m->o->exit_status);

	if (why == NULL)
		return;
	buf_puts(&m->out,
	    "# HELP wos_last_run_failure Why the last run failed.\n"
	    "# TYPE wos_last_run_failure gauge\nwos_last_run_failure");
	buf_add(&m->out, m->labels.p, m->labels.len - 1);
	buf_printf(&m->out, ",reason=\"%s\"} 1\n", why);
}

/* The value of the line that begins so, in milliseconds, or -1. */
static int64_t
read_seconds(const char *line, const char *beginning)
{
	size_t len = strlen(beginning);
	double seconds;
	char *end;

	if (strncmp(line, beginning, len) != 0)
		return -1;
	seconds = strtod(line + len, &end);
	/* NaN is in no range. */
	if (end == line + len || *end != '\n' ||
	    !(seconds >= 0 && seconds < SECONDS_MOST))
		return -1;
	return (int64_t)(seconds * 1000 + 0.5);
}

/* When the file that is there says that a run was a success, or -1. */
static int64_t
old_success(struct metrics *m)
{
	static char line[OLD_MAX];
	struct buf beginning = {0};
	int64_t found = -1;
	size_t left = OLD_MAX;
	struct stat st;
	FILE *in = NULL;

	if (stat(m->file, &st) == 0 && S_ISREG(st.st_mode))
		in = fopen(m->file, "r");
	if (in == NULL)
		return -1;
	buf_printf(&beginning, "wos_" SUCCESS "%s ", buf_str(&m->labels));
	while (found == -1 && left > 1 && fgets(line, (int)left, in) != NULL) {
		found = read_seconds(line, buf_str(&beginning));
		left -= strlen(line);
	}
	fclose(in);
	buf_free(&beginning);
	return found;
}

/*
 * A run that stays is a success when it has come to the end; the API's clock,
 * by which that is, tells no more than seconds.
 */
static int64_t
find_success(struct metrics *m, int64_t tail)
{
	const struct options *o = m->o;

	if (o->follow && tail >= o->began / 1000 * 1000)
		return tail;
	if (!o->follow &&
	    (o->exit_status == STATUS_DONE || o->exit_status == STATUS_PARKED))
		return m->now;
	return old_success(m);
}

/* How long before now that was. */
static int64_t
age(const struct metrics *m, int64_t at)
{
	return at < 0 ? -1 : m->now > at ? m->now - at : 0;
}

static void
put_run(struct metrics *m, int64_t success)
{
	const struct options *o = m->o;
	int64_t count[COUNTS] = {-1, -1, -1, -1};

	(void)counts_read(count);
	put(m, "running", "Whether a run with --follow is at work.",
	    o->exit_status == AT_WORK);
	put(m, "last_run_timestamp_seconds",
	    "When the last run ended, or, if it is at work, when it said so.",
	    m->now);
	put(m, "last_run_duration_seconds", "How long it took until then.",
	    age(m, o->began));
	put(m, "last_run_exit_status",
	    "What it exited with: 0 done, 3 some events were parked, all else "
	    "failed.",
	    o->exit_status % AT_WORK);
	put_reason(m);
	put(m, SUCCESS,
	    "When a run was done with status 0 or 3, or --follow at the end, "
	    "the last time.",
	    success);
	put(m, "last_run_events_fetched", "Events that the API gave.",
	    count[COUNT_EVENTS_FETCHED]);
	put(m, "last_run_events_applied", "Events that the database took.",
	    count[COUNT_EVENTS_APPLIED]);
	put(m, "last_run_events_parked", "Events that were parked.",
	    count[COUNT_EVENTS_PARKED]);
	put(m, "last_run_rows_changed", "Rows inserted, updated and deleted.",
	    count[COUNT_ROWS_CHANGED]);
}

static void
put_cursor(struct metrics *m, const struct status_cursor *c)
{
	const struct scope *s = &c->scope;

	put(m, "cursor_event_timestamp_seconds",
	    "The time of the event that the cursor is at.", c->event_at);
	put(m, "cursor_age_seconds", "How long before the last run that was.",
	    age(m, c->event_at));
	put(m, "tail_seen_timestamp_seconds",
	    "When the database had every event that there was, the last time.",
	    c->tail_seen_at);
	put(m, "tail_seen_age_seconds",
	    "How long before the last run that was.", age(m, c->tail_seen_at));
	put(m, "cursor_event_types",
	    "Types of events that the cursor stands for.",
	    scope_count(s, SCOPE_COVERED));
	put(m, "cursor_refused_event_types",
	    "Types of events that the API did not take.",
	    scope_count(s, SCOPE_REFUSED));
	put(m, "cursor_complete",
	    "Whether all events are there that the cursor stands for.",
	    s->known && !c->stray && !c->gap &&
		scope_count(s, SCOPE_FILLING) == 0);
}

/* What wos-verify has found; nothing, until it has compared all there is. */
static void
put_verified(struct metrics *m, const struct status_report *r)
{
	put(m, "verified_timestamp_seconds",
	    "When everything had been compared with the API's lists, the last "
	    "time.",
	    r->all.verified_at);
	put(m, "verified_differences",
	    "Rows that differed then, and were not repaired.",
	    r->nverified > 0 ? r->all.differences : -1);
	put(m, "verified_tables_not_listed", "Tables that had no list then.",
	    r->nverified > 0 ? r->unlisted : -1);
	put(m, "verify_unfinished",
	    "Whether a newer comparison has not come to its end.",
	    r->all.tried_at != UNKNOWN);
}

/* Of a database that can't be read nothing is known. */
static void
put_all(struct metrics *m)
{
	struct options how = *m->o;
	static struct status_report r;
	char why[DB_WHY_SIZE];
	bool known;

	how.days = 0;
	how.only = how.cursor;
	r.o = &how;
	known = db_open(how.database, DB_READ, &r.db, why) == DB_OK &&
		r.db != NULL && status_gather(&r) == DB_OK;
	put_run(
	    m, find_success(m, r.ncursors > 0 ? r.cursor->tail_seen_at : -1));
	if (r.ncursors > 0)
		put_cursor(m, r.cursor);
	if (known) {
		put(m, "parked_events", "Events that wait to be looked at.",
		    status_rows(&r, "parked_event"));
		put_verified(m, &r);
		put(m, "database_size_bytes", "The size of the database.",
		    r.size);
	}
	status_release(&r);
	db_close(r.db);
}

/*
 * Who may read the file stays as it is; a new one is for its owner and the
 * group, as far as umask(2) has it.
 */
static bool
set_mode(int fd, const struct stat *old)
{
	mode_t mode = 0640, mask = umask(0);
	int given = 0;

	umask(mask);
	mode &= ~mask;
	if (old != NULL) {
		given = fchown(fd, (uid_t)-1, old->st_gid);
		mode = old->st_mode & 07777;
	}
	(void)given; /* the group may not be ours to give */
	return fchmod(fd, mode) == 0;
}

/* Is it a database?  It was named by mistake, and is not to be lost. */
static bool
is_sqlite(const char *file)
{
	char beginning[sizeof "SQLite format" - 1];
	FILE *in = fopen(file, "r");
	bool is = in != NULL &&
		  fread(beginning, sizeof beginning, 1, in) == 1 &&
		  memcmp(beginning, "SQLite format", sizeof beginning) == 0;

	if (in != NULL)
		fclose(in);
	return is;
}

/* Puts a file of this text in the place of a file, or of nothing. */
static bool
replace(const char *file, const struct buf *text)
{
	struct stat old;
	bool there = lstat(file, &old) == 0, done;
	struct buf name = {0};
	int fd;

	if (there && (!S_ISREG(old.st_mode) || is_sqlite(file)))
		return false;
	buf_printf(&name, "%s.XXXXXX", file);
	buf_str(&name);
	fd = mkstemp(name.p);
	done = fd != -1 && pipe_write(fd, text->p, text->len) == 0 &&
	       set_mode(fd, there ? &old : NULL) && rename(name.p, file) == 0;
	if (fd != -1 && !done)
		unlink(name.p);
	if (fd != -1)
		close(fd);
	buf_free(&name);
	return done;
}

/* Waits; returns false if the run has ended. */
static bool
is_at_work(void)
{
	struct pollfd run = {.fd = STDIN_FILENO};

	return poll(&run, 1, (int)cursor_note_every()) == 0;
}

int
metrics_write(struct db *db, const struct options *o)
{
	struct metrics m = {.o = o, .file = o->argument};
	sigset_t all;

	(void)db;
	if (o->exit_status == AT_WORK && !is_at_work())
		return STATUS_FAILED;
	add_label(&m.labels, "{database", buf_str(&o->name->label));
	add_label(&m.labels, ",cursor", o->cursor);
	buf_putc(&m.labels, '}');
	m.now = time_now();
	put_all(&m);
	/* A signal waits until the file is whole, or as it was. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (!replace(m.file, &m.out)) {
		log_field("file", m.file);
		log_message(LEVEL_ERROR, "%s: can't be written", m.file);
	}
	buf_free(&m.labels);
	buf_free(&m.out);
	return STATUS_DONE;
}
