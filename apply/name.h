/* SPDX-License-Identifier: MIT */
#ifndef WOS_NAME_H
#define WOS_NAME_H

#include <stdbool.h>

#include "buf.h"
#include "db.h"

/*
 * What a database's name names, and what to call it where people can read it:
 * in messages, labels and file names.  A name may have a password in it, also
 * one that was not understood; so nobody but this decides.
 *
 * What libpq takes for a connection string is a server: postgresql://,
 * postgres://, or keyword=value; and d1:account/name is one of Cloudflare's, of
 * which nothing is secret.  All else is the path of a SQLite file, unless
 * it looks like a URL or a connection string, or SQLite would not take it for a
 * file: that is refused, and a file that is really called so is named by ./ and
 * its name.
 */

/* Digits of a sum in hex, and a NUL: 128 bits of it. */
#define NAME_LOCK_SIZE 33

struct options;

struct name {
	bool server;
	struct buf shown; /* in one line, all of it visible, without a secret */
	struct buf label; /* the same, for one database alone */
	struct buf path;  /* a file's from the root, without links */
	char lock[NAME_LOCK_SIZE]; /* what belongs in the name of its lock */
};

/*
 * Fills in all of *n, for name_release.  Returns 0; or -1 if it is refused,
 * with the reason, which says what would do, in `why`: `shown` is its beginning
 * then, up to where a secret might be, and label and lock are empty.
 */
int name_init(struct name *n, const char *where, char why[DB_WHY_SIZE]);
void name_release(struct name *n);

/* Is it to be opened as a server's?  To be asked of what was not refused. */
bool name_is_server(const char *where);

/* Prints all of it, a word and a value a line.  Returns the exit status. */
int name_print(struct db *db, const struct options *o);

#endif
