/* SPDX-License-Identifier: MIT */
#include "buf.h"
#include "db.h"
#include "log.h"
#include "sqlite_views.h"
#include "view.h"
#include "views.h"

static int
add_name(void *views, int n, char **value, char **name)
{
	struct value row[] = {value_text(value[0]), {.type = VALUE_NULL}};

	(void)n, (void)name;
	if (value[1] != NULL)
		row[1] = value_text(value[1]);
	views_add(views, row, 2);
	return 0;
}

static void
look(struct look *l, struct views *v)
{
	*v = (struct views){0};
	if (l->code == SQLITE_OK)
		l->code = sqlite3_exec(l->h,
		    "SELECT lower(name), " VIEWS_VERSION " FROM sqlite_master "
		    "WHERE type IN ('table', 'view', 'index')",
		    add_name, v, NULL);
}

bool
sqlite_views_are_current(struct look *l)
{
	struct views v;
	bool all;

	look(l, &v);
	all = l->code == SQLITE_OK && views_are_current(&v);
	if (all)
		views_tell_taken(&v);
	views_release(&v);
	return all;
}

static int
add_trigger(void *sql, int n, char **value, char **name)
{
	(void)n, (void)name;
	buf_puts(sql, value[0]);
	buf_puts(sql, ";\n");
	return 0;
}

/* Adds what makes the view anew, and its triggers again. */
static int
add_again(struct look *l, struct buf *sql, const struct table *t)
{
	struct buf triggers = {0};
	char *which =
	    sqlite3_mprintf("SELECT sql FROM sqlite_master WHERE "
			    "type = 'trigger' AND lower(tbl_name) = %Q",
		t->view);
	int code = sqlite3_exec(l->h, which, add_trigger, &triggers, NULL);

	sqlite3_free(which);
	buf_printf(sql, "DROP VIEW \"%s\";\n", t->view);
	view_create(sql, t, DIALECT_SQLITE);
	buf_add(sql, triggers.p, triggers.len);
	buf_free(&triggers);
	return code;
}

/* Adds what makes them all current. */
static int
add_views(struct look *l, struct buf *sql)
{
	struct views v;
	size_t n;
	const struct table *t = catalogue_tables(&n);

	look(l, &v);
	views_tell_taken(&v);
	for (size_t i = 0; l->code == SQLITE_OK && i < n; i++)
		if (views_state(&v, i) == VIEW_MISSING)
			view_create(sql, &t[i], DIALECT_SQLITE);
		else if (views_state(&v, i) == VIEW_OLD)
			l->code = add_again(l, sql, &t[i]);
	views_release(&v);
	return l->code;
}

int
sqlite_views(struct look *l)
{
	struct buf sql = {0};
	int code = add_views(l, &sql);

	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, "SAVEPOINT views");
	if (code == SQLITE_OK &&
	    sqlite_exec(l->h, buf_str(&sql)) != SQLITE_OK) {
		log_warnx("schema: views: %s", sqlite3_errmsg(l->h));
		code = sqlite_exec(l->h, "ROLLBACK TO views");
	}
	if (code == SQLITE_OK)
		code = sqlite_exec(l->h, "RELEASE views");
	buf_free(&sql);
	return code;
}
