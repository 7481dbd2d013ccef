/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/stat.h>

#include "d1/d1_name.h"
#include "name.h"
#include "size.h"

static int64_t
size_of_file(const char *path)
{
	char log[4096];
	struct stat st;
	int64_t size;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return -1;
	size = st.st_size;
	if (snprintf(log, sizeof log, "%s-wal", path) < (int)sizeof log &&
	    stat(log, &st) == 0)
		size += st.st_size;
	return size;
}

static void
take_size(void *arg, const struct value *row, size_t n)
{
	(void)n;
	if (row[0].type == VALUE_INT)
		*(int64_t *)arg = row[0].i;
}

enum db_result
size_find(struct db *db, const char *where, int64_t *size)
{
	static struct query q = {.whole = true,
	    .sql = "SELECT pg_database_size(current_database())"};
	enum db_result rc;

	*size = db->size > 0 ? db->size : -1;
	if (d1_is_name(where))
		return DB_OK;
	if (!name_is_server(where)) {
		*size = size_of_file(where);
		return DB_OK;
	}
	rc = db_select(db, &q, NULL, 0, take_size, size);
	/* Some servers that speak PostgreSQL's language have no such function.
	 */
	return rc == DB_REFUSED ? DB_OK : rc;
}
