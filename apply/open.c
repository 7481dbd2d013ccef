/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "d1/d1.h"
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
	const char *(*library)(void);
	void (*confine)(const char *where, struct confine *c);
	bool connects;
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

static const char *
pg_library(void)
{
	return "none for PostgreSQL";
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
    {d1_is_name, d1_open, d1_library, d1_confine, .connects = true,
	.copies = true},
    {name_is_server, pg_open, pg_library, pg_confine, .connects = true,
	.copies = false},
    {is_any, sqlite_open, sqlite_library, sqlite_confine, .connects = false,
	.copies = false},
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
	const struct end *end = find_end(where);

	if (mode == DB_VERIFY && !end->copies)
		mode = DB_DRY;
	return end->open(where, mode, db, why);
}

const char *
db_library(const char *where)
{
	return find_end(where)->library();
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

enum db_result
db_open_temporary(struct db **db, char why[DB_WHY_SIZE])
{
	return sqlite_open("", DB_DRY, db, why);
}

void
db_confine_temporary(struct confine *c)
{
	sqlite_confine_temporary(c);
}
