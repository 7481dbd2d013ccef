/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "name.h"
#include "open.h"
#ifndef WITHOUT_POSTGRES
#include "postgres/pg.h"
#endif
#include "sqlite/sqlite.h"

/* What each end opens: the first that takes the name. */
struct end {
	bool (*takes)(const char *where);
	enum db_result (*open)(const char *where, enum db_mode mode,
	    struct db **db, char why[DB_WHY_SIZE]);
	const char *(*library)(void);
};

#ifdef WITHOUT_POSTGRES
static enum db_result
pg_open(
    const char *where, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	(void)where;
	(void)mode;
	*db = NULL;
	snprintf(
	    why, DB_WHY_SIZE, "this wos-apply was built without PostgreSQL");
	return DB_FAILED;
}

static const char *
pg_library(void)
{
	return "none for PostgreSQL";
}
#endif

static bool
is_any(const char *where)
{
	(void)where;
	return true;
}

static const struct end ends[] = {
    {name_is_server, pg_open, pg_library},
    {is_any, sqlite_open, sqlite_library},
};

static const struct end *
end_of(const char *where)
{
	const struct end *end = ends;

	while (!end->takes(where))
		end++;
	return end;
}

enum db_result
db_open(
    const char *where, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	return end_of(where)->open(where, mode, db, why);
}

const char *
db_library(const char *where)
{
	return end_of(where)->library();
}
