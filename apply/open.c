/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "d1/d1.h"
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
	bool copies; /* DB_VERIFY is something else than DB_DRY */
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
#endif

static bool
is_any(const char *where)
{
	(void)where;
	return true;
}

static const struct end ends[] = {
    {d1_is_name, d1_open, .copies = true},
    {name_is_server, pg_open, .copies = false},
    {is_any, sqlite_open, .copies = false},
};

enum db_result
db_open(
    const char *where, enum db_mode mode, struct db **db, char why[DB_WHY_SIZE])
{
	const struct end *end = ends;

	while (!end->takes(where))
		end++;
	if (mode == DB_VERIFY && !end->copies)
		mode = DB_DRY;
	return end->open(where, mode, db, why);
}
