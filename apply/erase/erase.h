/* SPDX-License-Identifier: MIT */
#ifndef WOS_APPLY_ERASE_H
#define WOS_APPLY_ERASE_H

#include "options.h"

/*
 * --erase: forgets the people that the file names, for good.  What was found of
 * them is remembered as hashes before anything is erased, so that a sync which
 * runs beside brings nothing back.  For struct question.
 */
int erase_people(struct db *db, const struct options *o);

#endif
