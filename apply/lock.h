/* SPDX-License-Identifier: MIT */
#ifndef WOS_LOCK_H
#define WOS_LOCK_H

#include <stdbool.h>

#include "options.h"

/*
 * One run of wos-sync or wos-rebuild at a time on a database, by flock(2): the
 * lock belongs to the open file, so that the script that has opened it and all
 * that it starts hold it, until the last of them has ended.
 *
 * It keeps runs from piling up, no more: two at once would do the same work
 * twice, and the cursor's compare-and-swap would let one of them win.
 *
 * What lists everything has a lock of its own: a run that stays and reads
 * events does not keep it from its work.
 */

/*
 * Prints the path of the file that is locked, and makes the file, which stays:
 * the lock of a file is beside it, whatever link leads there; that of a folder,
 * as an archive is, is in it; and that of a server's database is in the user's
 * runtime folder or in /tmp.  Ends the program where it can't be made, or where
 * a stranger has put something else in its place.  Returns the exit status.
 */
int lock_print(struct db *db, const struct options *o);

/*
 * Locks the open file that the argument names by its descriptor.  Returns
 * STATUS_DONE; or STATUS_RETRY, without a word, if another process holds the
 * lock.
 */
int lock_take(struct db *db, const struct options *o);

/*
 * The same for --locking, before anything else is done; without that option
 * there is nothing to do.  The errors that an earlier run has left in that file
 * are gone then.  Returns false if another process holds the lock, which the
 * word `locked` on standard output says.
 */
bool lock_first(const struct options *o);

#endif
