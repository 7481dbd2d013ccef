/* SPDX-License-Identifier: MIT */
#ifndef WOS_LIBPQ_H
#define WOS_LIBPQ_H

#include <libpq-fe.h>
#include <stdbool.h>

/*
 * libpq, loaded when a database on a server is named and not before: it brings
 * some twenty libraries, which is most of what a start of wos-apply would cost
 * those who have a file.  They need not have it at all.
 */

struct libpq {
#define FUNCTION(name) __typeof__(PQ##name) *(name);
#include "libpq.def"
#undef FUNCTION
};

/* They can be called as pq.clear(result), once libpq_load has returned true. */
extern struct libpq pq;

/*
 * Returns false, with the reason in *why, if it is not there.  It is looked for
 * once: a program that is confined meanwhile might find another one.
 */
bool libpq_load(const char **why);

/* What the options, up to an empty keyword, have for it, or NULL. */
const char *libpq_option(const PQconninfoOption *o, const char *keyword);

#endif
