/* SPDX-License-Identifier: MIT */
#ifndef WOS_VIEWS_H
#define WOS_VIEWS_H

#include "catalogue.h"
#include "db.h"

/* Which of the catalogue's views a database has. */
enum view_state {
	VIEW_MISSING,
	VIEW_CURRENT,
	VIEW_OLD,   /* ours, but not as the catalogue has it now */
	VIEW_TAKEN, /* something of an owner's has the name */
};

/* Of each table, in the catalogue's order.  Zero-initialise it, release it. */
struct views {
	enum view_state *state;
};

/*
 * Takes a row: the name, in lower case, of a table, a view or what else can
 * have a view's name; and what follows VIEW_MARK in it, or NULL.
 */
void views_add(void *views, const struct value *row, size_t n);

/* Of the i-th table.  One that is to have no view is current. */
enum view_state views_state(const struct views *v, size_t i);

/* Are all as they should be? */
bool views_are_current(const struct views *v);

/* Says which are not ours, once and if -v asks for it. */
void views_tell_taken(const struct views *v);

void views_release(struct views *v);

/* What follows the mark, or NULL, of something in sqlite_master. */
#define VIEWS_VERSION                                                          \
	"CASE WHEN \"type\"='view' THEN "                                      \
	"substr(\"sql\",nullif(instr(\"sql\",'" VIEW_MARK "'),0)+7,8) END"

#endif
