/* SPDX-License-Identifier: MIT */
#ifndef WOS_CHECK_H
#define WOS_CHECK_H

#include "options.h"

/*
 * Checks what wos-apply needs, for wos-doctor: libraries, whether the database
 * can be opened and written to, its schema, its cursors, and room on its disk.
 * Changes nothing and makes nothing.  Prints findings; returns the status to
 * exit with.
 */
int check_print(struct db *db, const struct options *o);

#endif
