/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a statement, its form, and SQLite's own parser.  Where the check
 * of the form accepts a statement, SQLite, asked without wos-apply's guard,
 * either refuses it or says that it is one statement with as many parameters as
 * it has values, which writes the form's table, reads tables that the stream
 * may know, calls COALESCE at most, and does nothing else.  It takes as many
 * steps as a look through one table and its own length give reason for.
 */
#include <sqlite3.h>

#include "../../apply/stream/form_read.h"
#include "../../apply/stream/statement.h"
#include "ddl.h"
#include "fuzz.h"

/* Rows of each table; and steps for each, and for each byte of the statement.
 */
#define ROWS 400
#define STEPS 500
#define STEPS_BYTE 2

/* What SQLite has told while it prepared the statement. */
static const struct form *asked;
static bool writes;

static bool
is_public(const char *name)
{
	const struct table *t = catalogue_table(name);

	return t != NULL && !t->is_private;
}

static int
authorize(void *arg, int action, const char *a, const char *b,
    const char *database, const char *within)
{
	(void)arg;
	if (asked == NULL)
		return SQLITE_OK;
	MUST(within == NULL);
	switch (action) {
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		MUST(strcmp(database, "main") == 0);
		MUST(strcmp(a, asked->table->name) == 0);
		writes = true;
		break;
	case SQLITE_READ:
		MUST(is_public(a));
		break;
	case SQLITE_FUNCTION: /* the other is that of a column's default */
		MUST(strcmp(b, "coalesce") == 0 || strcmp(b, "julianday") == 0);
		break;
	default:
		MUST(action == SQLITE_SELECT);
	}
	return SQLITE_OK;
}

/* Adds what may not be NULL, with this before each name, and that behind. */
static void
add_columns(struct buf *sql, const struct table *t, const char *before,
    const char *behind)
{
	const char *comma = "";

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key || t->column[i].must) {
			buf_printf(sql, "%s%s%s%s", comma, before,
			    t->column[i].name, behind);
			comma = ",";
		}
}

/* Adds rows, of which a key is its columns' names, each with a number. */
static void
add_rows(struct buf *sql, const struct table *t)
{
	buf_printf(sql, "INSERT INTO \"%s\" (", t->name);
	add_columns(sql, t, "\"", "\"");
	buf_printf(sql,
	    ") WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n "
	    "WHERE i<%d) SELECT ",
	    ROWS);
	add_columns(sql, t, "'", "'||i");
	buf_puts(sql, " FROM n;\n");
}

static sqlite3 *
open_database(void)
{
	struct buf ddl = {0};
	size_t n;
	const struct table *t = catalogue_tables(&n);
	sqlite3 *h;

	MUST(sqlite3_open(":memory:", &h) == SQLITE_OK);
	sqlite3_set_authorizer(h, authorize, NULL);
	ddl_schema(&ddl, DIALECT_SQLITE);
	for (; n > 0; n--, t++)
		if (!t->is_private)
			add_rows(&ddl, t);
	MUST(sqlite3_exec(h, buf_str(&ddl), NULL, NULL, NULL) == SQLITE_OK);
	/* A name that nothing has is one, and no text. */
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	buf_free(&ddl);
	return h;
}

/* Runs it, and takes it back. */
static void
check_steps(sqlite3 *h, sqlite3_stmt *stmt, const struct statement *s)
{
	int steps;

	for (size_t i = 0; i < s->nvalues; i++)
		if (s->value[i].type == VALUE_TEXT)
			sqlite3_bind_text(stmt, (int)i + 1, s->value[i].text,
			    (int)s->value[i].len, SQLITE_STATIC);
		else if (s->value[i].type != VALUE_NULL)
			sqlite3_bind_int64(stmt, (int)i + 1, s->value[i].i);
	sqlite3_exec(h, "BEGIN", NULL, NULL, NULL);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		;
	steps = sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 1);
	MUST((size_t)steps <= ROWS * (STEPS + STEPS_BYTE * s->size));
	sqlite3_reset(stmt);
	sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL);
}

static void
check_prepared(sqlite3 *h, const struct statement *s, const struct form *f)
{
	sqlite3_stmt *stmt;
	const char *tail;
	int code;

	asked = f;
	writes = false;
	code = sqlite3_prepare_v2(h, f->query.sql, -1, &stmt, &tail);
	asked = NULL;
	if (code == SQLITE_OK) {
		MUST(stmt != NULL && writes && !sqlite3_stmt_readonly(stmt));
		MUST(*tail == '\0');
		MUST((size_t)sqlite3_bind_parameter_count(stmt) == s->nvalues);
		if (f->cascade == NULL)
			check_steps(h, stmt, s);
	}
	sqlite3_finalize(stmt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct statement s;
	static sqlite3 *h;
	struct form *f;

	if (h == NULL)
		h = open_database();
	if (statement_read(&s, (const char *)data, size) == 0 || s.why != NULL)
		return 0;
	f = form_read(s.sql.p, s.sql.len);
	if (f->why == NULL) {
		check_prepared(h, &s, f);
		if (getenv("FORMS") != NULL) /* for test/fuzz/postgres */
			printf("%s\t%s\n", f->table->name, f->query.sql);
	}
	form_free(f);
	return 0;
}
