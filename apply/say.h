/* SPDX-License-Identifier: MIT */
#ifndef WOS_SAY_H
#define WOS_SAY_H

#include "options.h"

/*
 * Prints a script's message, of the level that the argument names, with the
 * fields behind it: a name and a value each.  Returns the exit status.
 */
int say(struct db *db, const struct options *o);

/*
 * For scripts: prints which of the words a person meant who typed another one,
 * which is the argument; or nothing.  Returns the exit status.
 */
int say_nearest(struct db *db, const struct options *o);

#endif
