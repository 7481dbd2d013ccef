/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a statement, its form, and SQLite's own parser.  Where the check
 * of the form accepts a statement, SQLite, asked without wos-apply's guard,
 * either refuses it or says that it is one statement with as many parameters as
 * it has values, which writes the form's table, reads tables that the stream
 * may know, calls COALESCE at most, and does nothing else.
 */
#include <sqlite3.h>

#include "../../apply/stream/form_read.h"
#include "../../apply/stream/statement.h"
#include "ddl.h"
#include "fuzz.h"

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

static sqlite3 *
open_database(void)
{
	struct buf ddl = {0};
	sqlite3 *h;

	MUST(sqlite3_open(":memory:", &h) == SQLITE_OK);
	sqlite3_set_authorizer(h, authorize, NULL);
	ddl_schema(&ddl, DIALECT_SQLITE);
	MUST(sqlite3_exec(h, buf_str(&ddl), NULL, NULL, NULL) == SQLITE_OK);
	/* A name that nothing has is one, and no text. */
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	buf_free(&ddl);
	return h;
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
	if (f->why == NULL)
		check_prepared(h, &s, f);
	form_free(f);
	return 0;
}
