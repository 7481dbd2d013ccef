/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change/feed.h"
#include "change/telling.h"
#include "event_id.h"
#include "memory.h"
#include "stream/form_read.h"

struct feed {
	struct db db;
	struct db_ops ops;
	struct db *inner;
	struct feed_options options;
	struct watch *watch;
	struct telling telling;
	bool late;     /* is all known when the commit is answered? */
	bool doubtful; /* nobody knows yet whether that was done */
	bool untold;   /* something that is committed was not told, */
	char why[DB_WHY_SIZE / 2];   /* for this reason */
	char told[EVENT_ID_MAX + 1]; /* up to this event, all was */
};

static const struct db_place nowhere = {.group = DB_NOWHERE};

/* Made by feed_prepare. */
static struct spool spools[2];

static enum db_result
pass_on(struct feed *f, enum db_result rc)
{
	f->db.size = f->inner->size;
	f->db.requests = f->inner->requests;
	f->db.large = f->inner->large;
	return db_result_of(&f->db, f->inner, rc);
}

static struct feed *
feed_of(struct db *db)
{
	return (struct feed *)db;
}

/* Of these, and of no bookkeeping. */
static bool
is_told(const struct table *t)
{
	return t != NULL && t->kind != TABLE_SYSTEM;
}

static enum db_result
run_statement(struct feed *f, const struct form *form, const struct ran *r)
{
	bool counts = false;

	if (is_told(form->table))
		return watch_run(
		    f->watch, telling_origin(&f->telling, r->at), form, r);
	if (form->verb == VERB_INSERT && form->why == NULL) {
		telling_note(telling_origin(&f->telling, r->at), form, r);
		counts = strcmp(form->table->name, "events_cursor") == 0;
	}
	if (counts)
		return watch_count(
		    f->watch, telling_origin(&f->telling, r->at), r);
	return db_run_at(
	    f->inner, r->at, r->query, r->value, r->nvalues, r->changed);
}

static enum db_result
feed_run(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, int64_t *changed)
{
	struct feed *f = feed_of(db);
	const struct ran r = {at, q, value, nvalues, changed};
	struct form *own;
	const struct form *form = form_of(q, &own);
	enum db_result rc;

	if (form == NULL)
		return pass_on(
		    f, db_run_at(f->inner, at, q, value, nvalues, changed));
	rc = run_statement(f, form, &r);
	form_free(own);
	return pass_on(f, rc);
}

static enum db_result
feed_ask(struct db *db, const struct db_place *at, const struct query *q,
    const struct value *value, size_t nvalues, db_row_fn *row, void *arg)
{
	struct feed *f = feed_of(db);

	return pass_on(
	    f, f->inner->ops->ask(f->inner, at, q, value, nvalues, row, arg));
}

static enum db_result
feed_sync(struct db *db)
{
	return pass_on(feed_of(db), db_sync(feed_of(db)->inner));
}

static enum db_result
feed_mark(struct db *db)
{
	struct feed *f = feed_of(db);

	watch_mark(f->watch);
	telling_mark(&f->telling);
	return pass_on(f, db_mark(f->inner));
}

static enum db_result
feed_keep(struct db *db)
{
	return pass_on(feed_of(db), db_keep(feed_of(db)->inner));
}

static enum db_result
feed_undo(struct db *db)
{
	struct feed *f = feed_of(db);
	enum db_result rc = db_undo(f->inner);

	watch_undo(f->watch);
	telling_undo(&f->telling);
	return pass_on(f, rc);
}

/* All of it, also where others are to wait for a reader that is slow. */
static bool
write_lines(void *arg, const char *p, size_t len)
{
	struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
	ssize_t n;

	(void)arg;
	for (; len > 0; p += n, len -= (size_t)n) {
		n = write(STDOUT_FILENO, p, len);
		if (n != -1)
			continue;
		n = 0;
		if (errno == EAGAIN)
			poll(&ready, 1, -1);
		else if (errno != EINTR)
			return false;
	}
	return true;
}

static void
forget(struct feed *f)
{
	watch_forget(f->watch);
	telling_clear(&f->telling);
	f->doubtful = false;
}

/* The transaction is committed: so are its lines. */
static void
land(struct feed *f)
{
	const struct origin *newest = f->telling.newest;

	f->untold = !spool_each(&f->telling.lines, write_lines, f);
	if (f->untold)
		snprintf(f->why, sizeof f->why, "standard output: %s",
		    strerror(errno));
	else if (newest != NULL && newest->event_id != NULL)
		snprintf(f->told, sizeof f->told, "%s", newest->event_id);
	forget(f);
}

/* With no rows: in a pipeline nothing is to return any. */
static bool
notify(void *arg, const char *lines, size_t len)
{
	static const struct query q = {
	    .sql = "SELECT 1 WHERE pg_notify($1,$2) IS NULL"};
	struct feed *f = arg;
	struct value value[2] = {value_text(f->options.channel)};
	const char *end = lines + len, *next;
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && lines < end; lines = next + 1) {
		next = memchr(lines, '\n', (size_t)(end - lines));
		value[1] = value_bytes(lines, (size_t)(next - lines));
		rc = db_run(f->inner, &q, value, 2, NULL);
	}
	return rc == DB_OK;
}

/*
 * Where the answer tells what has changed, and was too long to be read, that is
 * not known of what is committed.  Where it was lost, find_out asks later.
 */
static enum db_result
not_committed(struct feed *f, enum db_result rc)
{
	pass_on(f, rc);
	if (f->late)
		watch_forget(f->watch);
	f->doubtful =
	    rc == DB_AGAIN && (f->telling.last.table != NULL ||
				  (f->late && f->telling.origins != NULL));
	f->untold = f->late && rc == DB_FAILED && f->inner->large;
	if (!f->untold)
		return rc;
	snprintf(f->why, sizeof f->why, "%.200s", f->inner->why);
	return feed_end(&f->db);
}

/* All that is answered before the commit is known, and sent with it. */
static enum db_result
before_commit(struct feed *f)
{
	enum db_result rc = f->late ? DB_OK : db_sync(f->inner);

	if (rc != DB_OK || f->late)
		return rc;
	watch_settle(f->watch);
	telling_flush(&f->telling);
	if (!spool_each(&f->telling.notices, notify, f))
		rc = db_sync(f->inner);
	return rc;
}

static enum db_result
feed_commit(struct db *db)
{
	struct feed *f = feed_of(db);
	enum db_result rc = before_commit(f);

	if (rc == DB_OK)
		rc = db_commit(f->inner);
	if (rc != DB_OK)
		return not_committed(f, rc);
	watch_settle(f->watch);
	telling_flush(&f->telling);
	land(f);
	return pass_on(f, DB_OK);
}

static void
feed_rollback(struct db *db)
{
	struct feed *f = feed_of(db);

	db_rollback(f->inner);
	if (!f->doubtful)
		forget(f);
}

static void
take_found(void *arg, const struct value *value, size_t n)
{
	struct pending_row *r = arg;

	row_copy(&r->old, r->table, value, n);
}

/* Is the last change there?  Then all of its transaction is. */
static enum db_result
ask_for_row(struct feed *f, bool *there)
{
	const struct pending_row *last = &f->telling.last;
	struct pending_row now = {.table = last->table};
	const struct value *after = row_values(&last->new),
			   *row = after ? after : row_values(&last->old);
	struct value key[DB_MAX_COLUMNS];
	struct buf sql = {0};
	struct query q = {0};
	size_t n = 0;
	enum db_result rc;

	row_select_key(&sql, now.table);
	q.sql = buf_str(&sql);
	for (size_t i = 0; i < now.table->ncolumns; i++)
		if (now.table->column[i].key)
			key[n++] = row[i];
	rc = db_select(f->inner, &q, key, n, take_found, &now);
	*there =
	    now.old.found == (after != NULL) &&
	    (after == NULL || row_is_same(now.table, now.old.value, after));
	db_forget(f->inner, &q);
	row_free(&now.old);
	buf_free(&sql);
	return rc;
}

/* Is the last event of the transaction in the ledger, or was there none? */
static enum db_result
ask_for_event(struct feed *f, bool *there)
{
	static const struct query q = {
	    .sql = "SELECT 1 FROM \"events_cursor\" WHERE \"event_id\"=$1"};
	const struct origin *o = f->telling.origins;
	struct value id;

	while (o != NULL && o->event_id == NULL)
		o = o->next;
	*there = true;
	if (o == NULL)
		return DB_OK;
	id = value_text(o->event_id);
	return db_any(f->inner, &q, &id, 1, there);
}

/*
 * A commit's answer was lost, or the connection before it.  If it was done, its
 * lines are written now; or that can't be done, where the answer had them.
 */
static enum db_result
find_out(struct feed *f)
{
	bool there;
	enum db_result rc =
	    f->late ? ask_for_event(f, &there) : ask_for_row(f, &there);

	if (rc != DB_OK)
		return rc;
	if (there && !f->late) {
		land(f);
		return DB_OK;
	}
	f->untold = there;
	snprintf(f->why, sizeof f->why, "the answer to a commit was lost");
	forget(f);
	return DB_OK;
}

static enum db_result
feed_begin(struct db *db)
{
	struct feed *f = feed_of(db);
	enum db_result rc = feed_end(db);

	if (rc != DB_OK && !f->doubtful)
		return rc;
	rc = db_begin(f->inner);
	if (rc == DB_OK && f->doubtful)
		rc = find_out(f);
	pass_on(f, rc);
	if (rc == DB_OK && f->untold) {
		db_rollback(f->inner);
		rc = feed_end(db);
	}
	return rc;
}

static enum db_result
feed_rest(struct db *db, int64_t *changed)
{
	struct feed *f = feed_of(db);

	return pass_on(f, db_rest(f->inner, changed));
}

static bool
feed_is_full(const struct db *db, size_t events)
{
	return db_is_full(((const struct feed *)db)->inner, events);
}

static void
feed_forget(struct db *db, const struct query *q)
{
	db_forget(feed_of(db)->inner, q);
}

static void
feed_close(struct db *db)
{
	struct feed *f = feed_of(db);

	watch_free(f->watch);
	telling_release(&f->telling);
	db_close(f->inner);
	free(f);
}

static void
set_ops(struct feed *f)
{
	f->ops = *f->inner->ops;
	f->ops.run = feed_run;
	f->ops.ask = feed_ask;
	f->ops.look = NULL;
	f->ops.sync = feed_sync;
	f->ops.begin = feed_begin;
	f->ops.commit = feed_commit;
	f->ops.rollback = feed_rollback;
	f->ops.mark = feed_mark;
	f->ops.keep = feed_keep;
	f->ops.undo = feed_undo;
	f->ops.rest = feed_rest;
	f->ops.is_full = feed_is_full;
	f->ops.forget = feed_forget;
	f->ops.close = feed_close;
	f->db.ops = &f->ops;
}

void
feed_prepare(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 2; i++)
		spool_init(&spools[i]);
}

enum db_result
feed_open(struct db *inner, const struct feed_options *o, struct db **db)
{
	struct watcher who;
	struct feed *f;
	int64_t changed = 0;
	enum db_result rc = db_rest(inner, &changed);

	if (rc != DB_OK)
		return rc;
	f = memory_new(1, sizeof *f);
	f->inner = inner;
	f->options = *o;
	f->late = inner->ops->at_once;
	telling_init(&f->telling, spools);
	f->telling.by_lines = o->lines;
	f->telling.by_notices = o->channel != NULL;
	who = telling_watcher(&f->telling);
	f->watch = watch_new(inner, &who, false);
	set_ops(f);
	*db = &f->db;
	return DB_OK;
}

enum db_result
feed_end(struct db *db)
{
	struct feed *f = feed_of(db);

	if (!f->untold && !f->doubtful)
		return DB_OK;
	snprintf(db->why, sizeof db->why,
	    "%s: changes that are committed were not told: "
	    "--changes-after %.150s tells them",
	    f->untold ? f->why : "it is not known what was committed",
	    *f->told != '\0' ? f->told : "the last event that was told");
	db->failed = nowhere;
	db->overtime = false;
	return DB_FAILED;
}
