/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "d1_copy.h"
#include "lists.h"
#include "sqlite/sqlite.h"

/* Rows on their way. */
struct copying {
	struct db *to;
	struct query insert;
	enum db_result rc;
};

static void
put_row(void *arg, const struct value *row, size_t n)
{
	struct copying *c = arg;

	if (c->rc == DB_OK)
		c->rc = db_run(c->to, &c->insert, row, n, NULL);
}

/* "a","b" or, as values, $1,$2 */
static void
add_columns(struct buf *sql, const struct table *t, bool values)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (values)
			buf_printf(sql, "%s$%zu", i > 0 ? "," : "", i + 1);
		else
			buf_printf(sql, "%s\"%s\"", i > 0 ? "," : "",
			    t->column[i].name);
}

static enum db_result
copy_table(struct db *from, struct db *to, const struct table *t,
    char why[DB_WHY_SIZE])
{
	struct buf select = {0}, insert = {0};
	struct copying c = {.to = to};
	enum db_result rc;

	buf_puts(&select, "SELECT ");
	add_columns(&select, t, false);
	buf_printf(&select, " FROM \"%s\" ORDER BY rowid", t->name);
	buf_printf(&insert, "INSERT INTO \"%s\" (", t->name);
	add_columns(&insert, t, false);
	buf_puts(&insert, ") VALUES (");
	add_columns(&insert, t, true);
	buf_puts(&insert, ")");
	c.insert.sql = buf_str(&insert);
	rc = db_select(from,
	    &(struct query){.sql = buf_str(&select), .rows_of = t->name}, NULL,
	    0, put_row, &c);
	memcpy(why, rc != DB_OK ? from->why : to->why, DB_WHY_SIZE);
	db_forget(to, &c.insert);
	buf_free(&select);
	buf_free(&insert);
	return rc != DB_OK ? rc : c.rc;
}

/* Does an item of a list look at the table, or change it? */
static bool
is_about_lists(const struct table *t)
{
	static const char *const names[] = {"tombstone", "orphan",
	    "listed_object", "listed", "forgotten", "erased"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(t->name, names[i]) == 0)
			return true;
	return table_is_listed(t);
}

enum db_result
d1_copy(struct db *from, struct db **copy, char why[DB_WHY_SIZE])
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = sqlite_open("", DB_DRY, copy, why);

	if (rc != DB_OK)
		return rc;
	rc = db_begin(*copy);
	for (; rc == DB_OK && n > 0; n--, t++)
		if (is_about_lists(t))
			rc = copy_table(from, *copy, t, why);
	rc = db_end(*copy, rc);
	if (rc != DB_OK) {
		db_close(*copy);
		*copy = NULL;
	}
	return rc;
}
