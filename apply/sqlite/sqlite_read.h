/* SPDX-License-Identifier: MIT */
#ifndef WOS_SQLITE_READ_H
#define WOS_SQLITE_READ_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "db.h"

/*
 * A SQLite file for who may read it and not write it.
 *
 * In the mode of our files SQLite reads the log and its index, the files that
 * end in -wal and -shm, beside the database itself, and makes those that are
 * not there.  A reader must not: they would be the reader's, and keep the
 * database's owner out.  What it must not make, it does without, which is good
 * as long as nobody writes.
 */

struct reader {
	bool alone;         /* there is no log: nobody must write meanwhile */
	struct stat before; /* the file, then */
	char *path;
};

/*
 * Opens the file to be read.  Returns SQLITE_OK with *h open and *r filled, for
 * sqlite_reader_release; or another code, with the reason in `why`, and both
 * empty.  The owner of the file, and root, read it as they write it.
 */
int sqlite_open_to_read(
    const char *path, sqlite3 **h, struct reader *r, char why[DB_WHY_SIZE]);

/* Has somebody written to it, so that what has been read may be wrong? */
bool sqlite_reader_disturbed(const struct reader *r);

void sqlite_reader_release(struct reader *r);

/*
 * Gives the log and its index the mode that the database has by now: SQLite
 * does so only when it makes them.  To be called before the file is opened: to
 * close any other descriptor of these would drop SQLite's locks.
 */
void sqlite_follow_mode(const char *path);

/*
 * Removes a log and an index that another user has left beside a file of ours,
 * and that we may not open, if the log is empty and nobody has the database
 * open: whoever tried it first, and then gave us the file, has forgotten them.
 * To be called before the file is opened, too.
 */
void sqlite_take_over(const char *path);

/*
 * The reason of the connection's last error; of a file that can't be opened,
 * also the system's.
 */
void sqlite_why(sqlite3 *h, char why[DB_WHY_SIZE]);

/* Could a file of that name, or one beside it, be made? */
bool sqlite_can_make(const char *path);

/*
 * Has the log and its index stay where they are when the database is closed,
 * the log without anything in it, for those who may not make them.
 */
void sqlite_keep_log(sqlite3 *h);

#endif
