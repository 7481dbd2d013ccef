/* SPDX-License-Identifier: MIT */
#ifndef WOS_SAMPLE_H
#define WOS_SAMPLE_H

#include "options.h"

/*
 * Prints some of the newest users and organizations, a line each, for wos-fetch
 * --known: the API of another environment knows none of them.
 */
enum db_result sample_print(struct db *db, const struct options *o);

#endif
