/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "name.h"
#include "open.h"
#ifndef WITHOUT_POSTGRES
#include "postgres/pg.h"
#include "postgres/pg_confine.h"
#endif
#include "sqlite/sqlite.h"

/* What each end opens: the first that takes the name. */
struct end {
	bool (*takes)(const char *where);
	enum db_result (*open)(const char *where, enum db_mode mode,
	    struct db **db, char why[DB_WHY_SIZE]);
	void (*confine)(const char *where, struct confine *c);
	bool connects;
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

static void
pg_confine(const char *where, struct confine *c)
{
	(void)where;
	(void)c;
}
#endif

static bool
is_any(const char *where)
{
	(void)where;
	return true;
}

static const struct end ends[] = {
    {name_is_server, pg_open, pg_confine, .connects = true},
    {is_any, sqlite_open, sqlite_confine, .connects = false},
};

static const struct end *
find_end(const char *where)
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
	return find_end(where)->open(where, mode, db, why);
}

bool
db_connects(const char *where)
{
	return find_end(where)->connects;
}

void
db_confine(const char *where, struct confine *c)
{
	find_end(where)->confine(where, c);
}
