/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "check.h"
#include "database.h"
#include "duration.h"
#include "finding.h"
#include "memory.h"
#include "name.h"
#include "open.h"
#include "status_parts.h"

/*
 * Room that a database should have, besides half of its own size: an index is
 * made by a sort, whose temporary file is of the order of its table.
 */
#define ROOM_LEAST (INT64_C(100) << 20)

#define MIB (1 << 20)

static void
take_version(void *arg, const struct value *row, size_t n)
{
	(void)n;
	value_copy(&row[0], arg, DB_WHY_SIZE);
}

static void
check_server(struct db *db)
{
	static const struct query q = {
	    .sql = "SELECT current_setting('server_version')"};
	char version[DB_WHY_SIZE] = "";

	if (db_select(db, &q, NULL, 0, take_version, version) == DB_OK)
		finding(FINDING_OK, "server", "PostgreSQL %s", version);
}

/* The folder that the path is in, to be freed. */
static char *
folder_of(const char *path)
{
	char *copy = strdup(path), *folder;

	if (copy == NULL)
		memory_out();
	folder = strdup(dirname(copy));
	if (folder == NULL)
		memory_out();
	free(copy);
	return folder;
}

static void
check_room(const struct options *o, int64_t size)
{
	char *folder = folder_of(buf_str(&o->name->path));
	struct statvfs fs;
	int64_t room, least = ROOM_LEAST;

	if (size > 0)
		least += size / 2;
	if (statvfs(folder, &fs) == 0) {
		room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
		finding(room < least ? FINDING_BAD : FINDING_OK, "disk",
		    "%" PRId64 " MiB free where the database is%s", room / MIB,
		    room < least ? ": it needs more room" : "");
	}
	free(folder);
}

static void
say_absent(const struct options *o)
{
	finding(FINDING_TODO, "database",
	    "%s has no tables of wos yet: wos sync makes them", o->field);
}

/*
 * Can a server's tables be made?  A dry run says that some have to be, or why
 * they can't.
 */
static void
check_place(const struct options *o)
{
	char why[DB_WHY_SIZE] = "";
	struct db *db = NULL;
	enum db_result rc = db_open(o->database, DB_DRY, &db, why);

	if (rc == DB_OK || strstr(why, DB_WHY_DRY) != NULL)
		say_absent(o);
	else
		finding(FINDING_BAD, "schema", "%s: %s", o->field, why);
	db_close(db);
}

/* There is none yet: can there be one? */
static void
check_absent(const struct options *o)
{
	char *folder = folder_of(buf_str(&o->name->path));

	if (access(folder, F_OK) == -1)
		finding(FINDING_BAD, "database",
		    "%s: its folder is not there: mkdir makes it, or name "
		    "another",
		    o->field);
	else if (access(folder, W_OK | X_OK) == -1)
		finding(FINDING_BAD, "database",
		    "%s is not there, and this user can't make it: name "
		    "another folder, or give the user the right to write to it",
		    o->field);
	else
		say_absent(o);
	free(folder);
}

/* Of a file that may only be read, a dry run opens a copy. */
static bool
is_read_only(const struct options *o)
{
	char *folder;
	bool is;

	if (o->name->server)
		return false;
	folder = folder_of(buf_str(&o->name->path));
	is = access(buf_str(&o->name->path), W_OK) == -1 ||
	     access(folder, W_OK | X_OK) == -1;
	free(folder);
	return is;
}

/*
 * A transaction that writes nothing, and is taken back.  What has the right to
 * delete from the one table has it for all, unless somebody made it otherwise.
 */
static void
check_writable(struct db *db, const struct options *o)
{
	static const struct query q = {
	    .sql = "DELETE FROM \"sync_cursor\" WHERE 1 = 0"};
	enum db_result rc = db_begin(db);

	if (rc == DB_OK)
		rc = db_run(db, &q, NULL, 0, NULL);
	if (rc == DB_OK)
		rc = db_sync(db);
	if (rc == DB_OK)
		finding(
		    FINDING_OK, "writing", "%s can be written to", o->field);
	else
		finding(FINDING_BAD, "writing",
		    "%s: %s: wos sync runs as a user who may write to it, or "
		    "tries again when the other program is done",
		    o->field, db->why);
	db_rollback(db);
}

/* A dry run needs the tables as they are now, and opens it to write. */
static void
check_schema(const struct options *o)
{
	char why[DB_WHY_SIZE] = "";
	struct db *db = NULL;
	enum db_result rc;

	if (is_read_only(o)) {
		finding(FINDING_BAD, "writing",
		    "%s: this user may not write to it, or not to its folder: "
		    "wos sync runs as a user who may",
		    o->field);
		return;
	}
	rc = db_open(o->database, DB_DRY, &db, why);
	if (rc == DB_OK) {
		finding(FINDING_OK, "schema",
		    "all tables and columns of "
		    "version " WOS_VERSION " are there");
		check_writable(db, o);
	} else if (strstr(why, DB_WHY_DRY) != NULL) {
		finding(FINDING_TODO, "schema",
		    "tables or columns of version " WOS_VERSION
		    " are missing: the next wos sync adds them");
	} else {
		finding(FINDING_BAD, "writing", "%s: %s", o->field, why);
	}
	db_close(db);
}

static void
check_cursor(const struct status_report *r, const struct status_cursor *c)
{
	int64_t filling = scope_count(&c->scope, SCOPE_FILLING);

	if (c->stray)
		finding(FINDING_TODO, "cursor",
		    "%s: its event is not in the ledger: is this another copy "
		    "of the database?  wos sync reads again from the oldest",
		    c->name);
	else if (!c->scope.known)
		finding(FINDING_TODO, "cursor",
		    "%s: which events it stands for is not known: wos sync "
		    "reads again from the oldest",
		    c->name);
	else if (filling > 0)
		finding(FINDING_TODO, "cursor",
		    "%s: older events of %" PRId64 " types are missing: wos "
		    "sync goes on with them",
		    c->name, filling);
	else if (c->tail_age == UNKNOWN || c->tail_age > r->o->behind)
		finding(FINDING_TODO, "cursor",
		    "%s: it has not reached the newest event for longer than "
		    "%" PRId64 " minutes: run wos sync, and look at its timer",
		    c->name, r->o->behind / (60 * SECOND_MS));
	else
		finding(FINDING_OK, "cursor",
		    "%s stands for %" PRId64 " types of events, and has "
		    "reached the newest",
		    c->name, scope_count(&c->scope, SCOPE_COVERED));
}

static void
check_cursors(struct status_report *r)
{
	int64_t parked = status_rows(r, "parked_event");

	if (r->ncursors == 0)
		finding(FINDING_TODO, "cursor",
		    "there is none: wos sync fetches the events");
	for (size_t i = 0; i < r->ncursors; i++)
		check_cursor(r, &r->cursor[i]);
	if (parked > 0)
		finding(FINDING_TODO, "parked",
		    "%" PRId64 " events are parked: wos-apply --parked has "
		    "the reasons",
		    parked);
}

/* It can't be read: where to look. */
static void
check_refused(const struct options *o, const char *why)
{
	const char *advice =
	    "name the SQLite file of wos, and see that this user may read it "
	    "and its folder; a damaged one is replaced by a backup, or by "
	    "another that wos sync makes";

	if (o->name->server)
		advice = "see whether it is there and lets this user in, with "
			 "psql for example; a password belongs into ~/.pgpass";
	if (strncmp(o->database, "d1:", 3) == 0)
		advice = "look at the account, the database and the rights of "
			 "the API token";
	finding(FINDING_BAD, "database", "%s: %s: %s", o->field, why, advice);
}

/* What there is to know of a database that can be read. */
static void
check_open(struct db *db, const struct options *o)
{
	static struct status_report r;
	struct options how = *o;

	how.days = 0;
	r.db = db;
	r.o = &how;
	if (o->name->server)
		check_server(db);
	if (status_gather(&r) != DB_OK) {
		check_refused(o, db->why);
	} else if (!r.ledger && o->name->server) {
		check_place(o);
	} else if (!r.ledger) {
		check_absent(o);
	} else {
		finding(FINDING_OK, "database", "%s can be read", o->field);
		check_schema(o);
		check_cursors(&r);
	}
	if (!o->name->server)
		check_room(o, r.size);
	status_release(&r);
}

int
check_print(struct db *db, const struct options *o)
{
	char why[DB_WHY_SIZE] = "";
	enum db_result rc;

	database_confine(o);
	rc = db_open(o->database, DB_READ, &db, why);
	if (rc == DB_OK)
		finding(FINDING_OK, "library", "%s", db_library(o->database));
	if (rc != DB_OK) {
		check_refused(o, why);
	} else if (db == NULL && o->name->server) {
		check_place(o);
	} else if (db == NULL) {
		check_absent(o);
		check_room(o, -1);
	} else {
		check_open(db, o);
	}
	db_close(db);
	return finding_status();
}
