/* SPDX-License-Identifier: MIT */
#ifndef WOS_PG_VIEWS_H
#define WOS_PG_VIEWS_H

#include "libpq.h"
#include "pg_answer.h"
#include "present.h"
#include "view.h"
#include "views.h"

/*
 * The views, and the comments on tables and columns.
 *
 * A query for what there is: "@" of a relation, "@0" of a view of ours; and of
 * DDL_LOCK "#" with the hash that its comment ends with, or "#-" if the role
 * may not change it, and so nothing here.
 */
#define PG_VIEWS_LOOK                                                          \
	"SELECT CAST(c.relname AS TEXT), CASE WHEN c.relname = '" DDL_LOCK     \
	"' THEN CASE WHEN pg_has_role(c.relowner, 'USAGE') THEN '#' || "       \
	"COALESCE(right(d.description, 8), '') ELSE '#-' END "                 \
	"WHEN c.relkind = 'v' AND d.description LIKE '%" VIEW_MADE             \
	"' THEN '@0' ELSE '@' END FROM pg_catalog.pg_class c "                 \
	"JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "            \
	"LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid "           \
	"AND d.classoid = CAST('pg_catalog.pg_class' AS regclass) "            \
	"AND d.objsubid = 0 WHERE n.nspname = current_schema()"

/* Takes a row with "@". */
void pg_views_add(struct views *v, const struct value *row);

/*
 * Makes those of ours that are missing; and all of them anew, with the
 * comments, if the catalogue has others than DDL_LOCK's hash says.  What can't
 * be now is said, and no failure: a later run may.
 */
struct pg_answer pg_views(
    PGconn *conn, const struct present *p, const struct views *v);

#endif
