/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "libpq.h"
#include "pg_confine.h"

/* The files that a setting of the connection names, or its variable. */
static void
confine_settings(const PQconninfoOption *o, struct confine *c)
{
	static const char *const files[] = {"passfile", "sslcert", "sslkey",
	    "sslrootcert", "sslcrl", "sslcrldir"};

	for (; o->keyword != NULL; o++)
		for (size_t i = 0; i < sizeof files / sizeof *files; i++)
			if (strcmp(o->keyword, files[i]) == 0)
				confine_path(c, CONFINE_READ,
				    o->val != NULL      ? o->val
				    : o->envvar != NULL ? getenv(o->envvar)
							: NULL);
}

void
pg_confine(const char *where, struct confine *c)
{
	static const char *const of_home[] = {
	    ".pgpass", ".pg_service.conf", ".postgresql"};
	const char *home = getenv("HOME"), *why;
	PQconninfoOption *o =
	    libpq_load(&why) ? pq.conninfoParse(where, NULL) : NULL;
	struct buf path = {0};

	confine_reads_of_libraries(c);
	confine_path(c, CONFINE_READ, "/proc/self/statm");
	confine_variable(c, "PGSERVICEFILE");
	confine_variable(c, "PGSYSCONFDIR");
	for (int i = 0; home != NULL && i < 3; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", home, of_home[i]);
		confine_path(c, CONFINE_READ, buf_str(&path));
	}
	if (o != NULL) {
		confine_settings(o, c);
		pq.conninfoFree(o);
	}
	buf_free(&path);
}
