/* SPDX-License-Identifier: MIT */
#ifndef WOS_WANTED_H
#define WOS_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "buf.h"
#include "lists.h"
#include "names.h"

/*
 * Which of the catalogue's lists are walked: those that were asked for, and
 * those that have the ids by which the others are listed.
 */
struct wanted {
	const struct list *list; /* all of the catalogue's */
	size_t n;
	bool *written;      /* was it asked for? */
	bool *walked;       /* that, or is another one asked for by its ids? */
	struct names ended; /* of:parent, lists that are not to be written */
};

/*
 * Takes a LIST of tables' names, separated by commas; NULL stands for all that
 * are listed usually.  Returns 0, or -1 with a sentence in `why`.
 */
int wanted_read(struct wanted *w, const char *names, struct buf *why);
void wanted_free(struct wanted *w);

/*
 * Takes lines from wos-apply --list-begin: a list's table, and the id of its
 * parent, if it has one.  What can be no list's name is left alone: one more is
 * written, which does no harm.
 */
void wanted_read_ended(struct wanted *w, FILE *in);

/* Is it among these?  The parent is "" where there is none. */
bool wanted_is_ended(
    const struct wanted *w, const struct list *list, const char *parent);

/*
 * The first list behind `after` that is asked for by the ids of that parent, or
 * NULL.  All of them stand behind their parent.
 */
const struct list *wanted_child(const struct wanted *w,
    const struct list *parent, const struct list *after);

/* Adds a table of all lists and of what is to be known of their items. */
void wanted_show(struct buf *out);

#endif
