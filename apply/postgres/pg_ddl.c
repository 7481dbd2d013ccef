/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "pg_ddl.h"
#include "pg_exec.h"
#include "pg_wait.h"

struct pg_answer
pg_ddl(PGconn *conn, const char *ddl)
{
	struct buf sql = {0};
	struct pg_answer a;

	buf_printf(&sql, "%s; %s; %s COMMIT", PG_BEGIN, pg_lock_timeout(), ddl);
	a = pg_exec(conn, buf_str(&sql), NULL, 0, NULL, PG_SCHEMA_MS);
	if (a.rc != DB_OK && *a.state != '\0')
		pg_exec(conn, "ROLLBACK", NULL, 0, NULL, PG_QUESTION_MS);
	buf_free(&sql);
	return a;
}

bool
pg_ddl_collided(const struct pg_answer *a)
{
	static const char *const states[] = {
	    "23505", "42P07", "42701", "42710", "40001", "40P01", "XX000"};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(a->state, states[i]) == 0)
			return true;
	return false;
}

bool
pg_ddl_is_refused(const struct pg_answer *a)
{
	return a->rc != DB_OK && *a->state != '\0' && !pg_ddl_collided(a);
}
