/* SPDX-License-Identifier: MIT */
#ifndef WOS_LIBCURL_H
#define WOS_LIBCURL_H

#include <stdbool.h>

/*
 * libcurl, loaded when a D1 database is named and not before, as libpq is: it
 * brings some thirty libraries.  common/http calls it by its usual names.
 */

/* Returns false, with the reason in *why, if it is not there. */
bool libcurl_load(const char **why);

#endif
