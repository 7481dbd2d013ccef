/* SPDX-License-Identifier: MIT */
#ifndef WOS_TYPES_H
#define WOS_TYPES_H

#include <stdbool.h>

#include "buf.h"
#include "names.h"

/* The event types that are asked for; for saved files also patterns. */

/*
 * Adds a LIST of names and globs, separated by commas.  A name stands for
 * itself, known or not: the API is newer than this program.  With `expand` a
 * glob stands for the types in the catalogue that it matches and that the API
 * may list; without, it is kept as a pattern.  Returns 0, or -1 with a
 * sentence in `why`.
 */
int types_add(struct names *e, const char *list, bool expand, struct buf *why);

/* Adds the types that are asked for by default, or `rare` ones, too. */
void types_add_default(struct names *e, bool rare);

/* Takes out what a LIST of names and globs matches.  Returns as types_add. */
int types_except(struct names *e, const char *list, struct buf *why);

/*
 * For messages: "; did you mean X?" about a name or a glob that there is not,
 * in a buffer of its own, or "".
 */
const char *types_hint(const char *wrong);

/* Is it a type that the API is not known to list? */
bool types_rare(const char *type);

/* Is the type asked for, by its name or by a pattern? */
bool types_want(const struct names *e, const char *type);

#endif
