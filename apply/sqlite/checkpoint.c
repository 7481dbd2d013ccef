/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "checkpoint.h"
#include "memory.h"

/*
 * The thread is asked when the log has grown by so many pages, which may be
 * fewer than a batch's.  Of 2,000,000 events of test/bench/generate's, whose
 * pages are 1.3 million, the pipe took 41 s without a thread, and 36 s with it.
 */
#define STEP_PAGES 4000

/*
 * The log begins anew when all of it has been copied, which need never happen
 * while batches keep coming.  From here on the next one waits for it, so that
 * the file stays below 160 MiB and a batch, unless a reader is in the way.  The
 * wait is for the disk: with 80 MiB, 2,000,000 events took 44 s, 7 of them in
 * such waits; with 160 MiB, 39 s, 2 of them; with 240 MiB, 38 s.
 */
#define MOST_PAGES 40000

struct checkpointer {
	sqlite3 *handle; /* the writer's */
	int asked;       /* the log's pages when the thread was asked last */

	bool running;
	sqlite3 *own; /* the thread's */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	bool wanted; /* a checkpoint, until it has been made */
	bool ended;
};

/*
 * Copies what no reader is in the way of, and waits for nobody.  If it fails,
 * the pages are where they were and as good there; the next one tries again.
 */
static void
checkpoint(sqlite3 *handle)
{
	sqlite3_wal_checkpoint_v2(
	    handle, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static void *
make_checkpoints(void *arg)
{
	struct checkpointer *c = arg;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->wanted && !c->ended)
			pthread_cond_wait(&c->changed, &c->lock);
		if (c->ended)
			break;
		pthread_mutex_unlock(&c->lock);
		checkpoint(c->own);
		pthread_mutex_lock(&c->lock);
		c->wanted = false;
		pthread_cond_signal(&c->changed);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* A connection that has read nothing does not know that there is a log. */
static bool
start(struct checkpointer *c)
{
	const char *path = sqlite3_db_filename(c->handle, "main");

	if (c->running)
		return true;
	c->running = sqlite3_threadsafe() != 0 &&
		     sqlite3_open_v2(path, &c->own, SQLITE_OPEN_READWRITE,
			 NULL) == SQLITE_OK &&
		     sqlite3_exec(c->own,
			 "PRAGMA synchronous = NORMAL; PRAGMA schema_version",
			 NULL, NULL, NULL) == SQLITE_OK &&
		     pthread_create(&c->thread, NULL, make_checkpoints, c) == 0;
	if (!c->running) {
		sqlite3_close(c->own);
		c->own = NULL;
	}
	return c->running;
}

static void
ask(struct checkpointer *c, int pages)
{
	pthread_mutex_lock(&c->lock);
	if (!c->wanted) {
		c->wanted = true;
		c->asked = pages;
		pthread_cond_signal(&c->changed);
	}
	pthread_mutex_unlock(&c->lock);
}

static void
wait_until_idle(struct checkpointer *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->wanted)
		pthread_cond_wait(&c->changed, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

/* SQLite calls it after each commit, with the pages that the log has now. */
static int
committed(void *arg, sqlite3 *handle, const char *schema, int pages)
{
	struct checkpointer *c = arg;
	bool due;

	(void)schema;
	if (pages < c->asked)
		c->asked = 0; /* it has begun anew */
	due = pages - c->asked >= STEP_PAGES;
	if (pages >= MOST_PAGES || (due && !start(c))) {
		wait_until_idle(c);
		checkpoint(handle);
	} else if (due) {
		ask(c, pages);
	}
	return SQLITE_OK;
}

struct checkpointer *
checkpointer_new(sqlite3 *handle)
{
	struct checkpointer *c = memory_new(1, sizeof *c);

	c->handle = handle;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	sqlite3_wal_hook(handle, committed, c);
	return c;
}

void
checkpointer_free(struct checkpointer *c)
{
	if (c == NULL)
		return;
	sqlite3_wal_hook(c->handle, NULL, NULL);
	if (c->running) {
		pthread_mutex_lock(&c->lock);
		c->ended = true;
		pthread_cond_signal(&c->changed);
		pthread_mutex_unlock(&c->lock);
		pthread_join(c->thread, NULL);
		sqlite3_close(c->own);
	}
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
