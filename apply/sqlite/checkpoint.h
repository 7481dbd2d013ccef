/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHECKPOINT_H
#define WOS_CHECKPOINT_H

#include <sqlite3.h>

/*
 * Checkpoints of a SQLite database while it is written to.  A commit appends
 * pages to the log, the file that ends in -wal; a checkpoint copies them to
 * where they belong and waits for the disk twice.  The next batch need not wait
 * for that: a thread does it, with a connection of its own.
 */
struct checkpointer;

/*
 * Checkpoints of the connection's database are ours from now on.  The thread
 * begins when there is something for it to do.  Ends the program if there is no
 * memory.
 */
struct checkpointer *checkpointer_new(sqlite3 *handle);

/* Waits for the thread.  To be called before the connection is closed. */
void checkpointer_free(struct checkpointer *c);

#endif
