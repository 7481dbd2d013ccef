/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "output.h"
#include "pipe.h"
#include "visible.h"

/* Pieces that are held at most.  They are of 256 KiB if the input is quick. */
#define PIECES 64

/*
 * Pieces whose memory is used again; more are spare for a moment only.  That of
 * a huge event is not kept.
 */
#define SPARE 8
#define SPARE_BYTES ((size_t)1024 * 1024)

/*
 * The pieces are a ring, first in, first out.  The spare ones are a stack: what
 * was written last is still in the processor's cache.
 */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	struct buf piece[PIECES];
	size_t first, n;
	size_t bytes; /* of memory, in the pieces */
	struct buf spare[SPARE];
	size_t nspare;
	bool running;
	int error; /* the errno of the write that failed, or 0 */
} held = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .more = PTHREAD_COND_INITIALIZER,
    .less = PTHREAD_COND_INITIALIZER,
};

/* The lock is held.  The first piece has been written. */
static void
drop_first(void)
{
	struct buf b = held.piece[held.first];

	held.bytes -= b.cap;
	held.first = (held.first + 1) % PIECES;
	held.n--;
	if (b.cap > SPARE_BYTES || held.nspare == SPARE) {
		buf_free(&b);
	} else {
		buf_clear(&b);
		held.spare[held.nspare++] = b;
	}
	pthread_cond_signal(&held.less);
}

/* Writes what is held, for ever.  The piece at hand stays in the ring. */
static void *
write_pieces(void *unused)
{
	struct buf *piece;
	int error;

	(void)unused;
	pthread_mutex_lock(&held.lock);
	for (;;) {
		while (held.n == 0 || held.error != 0)
			pthread_cond_wait(&held.more, &held.lock);
		piece = &held.piece[held.first];
		pthread_mutex_unlock(&held.lock);
		error = pipe_write(STDOUT_FILENO, piece->p, piece->len);
		pthread_mutex_lock(&held.lock);
		held.error = error;
		drop_first();
	}
	return NULL;
}

static bool
start(void)
{
	pthread_t thread;

	if (held.running)
		return true;
	held.running = pthread_create(&thread, NULL, write_pieces, NULL) == 0;
	if (held.running)
		pthread_detach(thread);
	return held.running;
}

/*
 * The lock is held.  Waits until so many pieces and bytes are left, or none
 * will be written any more.
 */
static void
wait_for(size_t pieces, size_t bytes)
{
	while (held.error == 0 && (held.n > pieces || held.bytes > bytes))
		pthread_cond_wait(&held.less, &held.lock);
}

static int
result(int error)
{
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

int
output_write(struct buf *bytes)
{
	struct buf *last;
	int error;

	if (visible_wanted(STDOUT_FILENO))
		visible_data(bytes);
	if (!start()) {
		error = pipe_write(STDOUT_FILENO, bytes->p, bytes->len);
		buf_clear(bytes);
		return result(error);
	}
	pthread_mutex_lock(&held.lock);
	wait_for(PIECES - 1, bytes->cap < OUTPUT_HELD_BYTES
				 ? OUTPUT_HELD_BYTES - bytes->cap
				 : 0);
	if ((error = held.error) == 0) {
		last = &held.piece[(held.first + held.n++) % PIECES];
		*last = *bytes;
		*bytes = held.nspare > 0 ? held.spare[--held.nspare]
					 : (struct buf){0};
		held.bytes += last->cap;
		pthread_cond_signal(&held.more);
	}
	pthread_mutex_unlock(&held.lock);
	return result(error);
}

int
output_drain(void)
{
	int error;

	pthread_mutex_lock(&held.lock);
	wait_for(0, 0);
	error = held.error;
	pthread_mutex_unlock(&held.lock);
	return result(error);
}
