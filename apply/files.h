/* SPDX-License-Identifier: MIT */
#ifndef WOS_FILES_H
#define WOS_FILES_H

#include "options.h"

/*
 * Applies the files, or standard input, to the database; in a dry run, takes it
 * all back.  Opens the database itself: `db` is NULL.  Returns the status to
 * exit with, after the reason has been printed.
 */
int files_apply(struct db *db, const struct options *o);

#endif
