/* SPDX-License-Identifier: MIT */
#ifndef WOS_VERIFY_H
#define WOS_VERIFY_H

#include <stdio.h>

#include "db.h"
#include "dry_tell.h"
#include "stream/form.h"

/*
 * Compares lists with the rows of a database, while a dry run applies them.
 * Each line is
 *
 *	PATH <tab> GONE <tab> DIFFERENCE
 *
 * where the difference is told as a dry run tells rows: `+` is missing here,
 *`~` differs, `-` is missing there, in a complete list; and `!` is missing
 *there, too, but in lists that leave out what has merely ended.  PATH says
 *where the API has the one object that is missing there; it is empty where the
 *API can't be asked for it, and with other differences.  GONE is the line that
 *has wos-decode remove the row.
 */
struct verify;

/* Returns one for free(3). */
struct verify *verify_new(void);

/* Is the statement about rows that are compared, or about a complete list? */
bool verify_looks(struct verify *v, const struct form *f);

/*
 * An item of a list was applied: the row before, or NULL, and after.  It is
 * told, or counted if it is the same.
 */
void verify_row(struct verify *v, struct told *told, const struct table *t,
    const struct value *before, const struct value *after);

/*
 * A list is complete, by the values of a statement about `listed`, which has
 * been run.  Rows that it lacks are told, unless lines before it could not be
 * decoded or applied: they may have been its items.  Returns DB_OK, or why the
 * database could not be asked.
 */
enum db_result verify_list(struct verify *v, struct told *told,
    struct db *inner, const struct form *f, const struct db_place *at,
    const struct value *value);

/*
 * A line for each table that the API lists: `= TABLE SAME LISTS`, how many rows
 * are the same and how many complete lists there were.
 */
void verify_totals(const struct verify *v, const struct told *told, FILE *out);

#endif
