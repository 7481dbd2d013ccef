/* SPDX-License-Identifier: MIT */
#ifndef WOS_FORM_READ_H
#define WOS_FORM_READ_H

#include "form.h"

/*
 * Reads a statement's SQL.  It is accepted if it is one INSERT, UPDATE or
 * DELETE on a table that the stream may write, in the words and names that such
 * statements need and no others: no function but COALESCE can be called.  What
 * takes a parent's descendants along is known by its whole text.  Returns the
 * form, for form_free.
 */
struct form *form_read(const char *sql, size_t len);
void form_free(struct form *f); /* or NULL */

/*
 * The form of a statement of the stream: the one that it was found by, or else
 * read now, which sets *own to it, for form_free.  NULL if it is of another
 * kind.
 */
const struct form *form_of(const struct query *q, struct form **own);

#endif
