/* SPDX-License-Identifier: MIT */
#ifndef WOS_STRIP_H
#define WOS_STRIP_H

#include "buf.h"
#include "forget/person.h"
#include "jsontext.h"

/*
 * Takes out of lines, events and items of lists, what is of those who were
 * erased.  What is left of such a line is what the catalogue declares and does
 * not call personal, and which event it is: members in their order, numbers
 * digit for digit.  Of what is of others in it all stays that is declared.
 */

enum stripped {
	STRIP_NONE,  /* it is nobody's who was erased, or has nothing of them */
	STRIP_MADE,  /* what is left is in `out` */
	STRIP_BLANK, /* it is theirs, and can't be read: nothing may be left */
};

/* Looks at a line; what is left of it is added to `out`. */
enum stripped strip_line(
    const struct erased *e, const char *line, size_t len, struct buf *out);

/*
 * What a line says of people, for those who look for what is to be erased: with
 * learn_ids, the ids of those who had an address that was named, and with
 * learn_addresses the addresses of those whose ids are known.
 */
typedef void learn_fn(
    void *arg, enum erased_kind kind, const char *text, size_t len);
void learn_ids(const struct erased *e, const char *line, size_t len,
    learn_fn *learn, void *arg);
void learn_addresses(const struct erased *e, const char *line, size_t len,
    learn_fn *learn, void *arg);

#endif
