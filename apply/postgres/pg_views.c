/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "log.h"
#include "pg_ddl.h"
#include "pg_views.h"

/* Another has kept a table for longer than one waits. */
#define LOCKED "55P03"

void
pg_views_add(struct views *v, const struct value *row)
{
	struct value found[2] = {row[0], row[1]};

	found[1].text++;
	if (--found[1].len == 0)
		found[1].type = VALUE_NULL;
	views_add(v, found, 2);
}

/* Is the i-th view to be made: it is not there, or ours and all are? */
static bool
is_due(const struct present *p, const struct views *v, size_t i, bool all)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum view_state state = views_state(v, i);

	return state == VIEW_OLD ? all
				 : state == VIEW_MISSING &&
				       !present_has(p, t[i].view, '!', "type");
}

/* A server that refuses it has its reasons, which are said. */
static struct pg_answer
said(const struct pg_answer *a, const char *what)
{
	if (!pg_ddl_is_refused(a))
		return *a;
	log_warnx("schema: %s: %s", what, a->why);
	return (struct pg_answer){.rc = DB_OK};
}

static struct pg_answer
run(PGconn *conn, struct buf *ddl, const char *what)
{
	struct pg_answer a = {.rc = DB_OK};

	if (ddl->len > 0)
		a = pg_ddl(conn, buf_str(ddl));
	buf_clear(ddl);
	return said(&a, what);
}

/* One that is refused must not keep the others from being made. */
static struct pg_answer
make_each(
    PGconn *conn, const struct present *p, const struct views *v, bool all)
{
	struct pg_answer a = {.rc = DB_OK};
	struct buf ddl = {0};
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (size_t i = 0; a.rc == DB_OK && i < n; i++)
		if (is_due(p, v, i, all)) {
			view_create(&ddl, &t[i], DIALECT_POSTGRES);
			a = run(conn, &ddl, t[i].view);
		}
	if (a.rc == DB_OK && all) {
		view_comments(&ddl);
		a = run(conn, &ddl, "comments");
	}
	buf_free(&ddl);
	return a;
}

struct pg_answer
pg_views(PGconn *conn, const struct present *p, const struct views *v)
{
	char hash[VIEW_HASH_SIZE];
	struct pg_answer a = {.rc = DB_OK};
	struct buf ddl = {0};
	size_t n;
	const struct table *t = catalogue_tables(&n);
	bool all;

	views_tell_taken(v);
	view_hash_all(hash);
	all = !present_has(p, DDL_LOCK, '#', hash);
	if (present_has(p, DDL_LOCK, '#', "-"))
		return a;
	for (size_t i = 0; i < n; i++)
		if (is_due(p, v, i, all))
			view_create(&ddl, &t[i], DIALECT_POSTGRES);
	if (all)
		view_comments(&ddl);
	if (ddl.len > 0)
		a = pg_ddl(conn, buf_str(&ddl));
	buf_free(&ddl);
	if (strcmp(a.state, LOCKED) == 0) /* and would be again */
		return said(&a, "views");
	return pg_ddl_is_refused(&a) ? make_each(conn, p, v, all) : a;
}
