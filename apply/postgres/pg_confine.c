/* SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "libpq.h"
#include "pg_confine.h"

/* The files that a setting of the connection names, or its variable. */
static void
confine_settings(const PQconninfoOption *o, struct confine *c)
{
	static const char *const files[] = {"passfile", "servicefile",
	    "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir"};

	for (; o->keyword != NULL; o++)
		for (size_t i = 0; i < sizeof files / sizeof *files; i++)
			if (strcmp(o->keyword, files[i]) == 0)
				confine_path(c, CONFINE_READ,
				    o->val != NULL      ? o->val
				    : o->envvar != NULL ? getenv(o->envvar)
							: NULL);
}

/*
 * Of libpq's files in a home folder; which one is home, versions differ in. The
 * certificates may be links out of their folder.
 */
static void
confine_home(const char *home, struct confine *c)
{
	static const char *const files[] = {".pgpass", ".pg_service.conf",
	    ".postgresql", ".postgresql/postgresql.crt",
	    ".postgresql/postgresql.key", ".postgresql/root.crt",
	    ".postgresql/root.crl"};
	const size_t n = sizeof files / sizeof *files;
	struct buf path = {0};

	for (size_t i = 0; home != NULL && i < n; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", home, files[i]);
		confine_path(c, CONFINE_READ, buf_str(&path));
	}
	buf_free(&path);
}

/* Tickets, as the environment names them ("FILE:/..."), or where they are. */
static void
confine_kerberos(struct confine *c)
{
	struct buf path = {0};

	confine_variable(c, "KRB5_CONFIG");
	confine_variable(c, "KRB5_CLIENT_KTNAME");
	confine_variable(c, "KRB5CCNAME");
	buf_printf(&path, "/tmp/krb5cc_%lu", (unsigned long)getuid());
	confine_path(c, CONFINE_READ, buf_str(&path));
	buf_free(&path);
}

void
pg_confine(const char *where, struct confine *c)
{
	const struct passwd *user = getpwuid(geteuid());
	const char *why;
	PQconninfoOption *o =
	    libpq_load(&why) ? pq.conninfoParse(where, NULL) : NULL;

	confine_reads_of_libraries(c);
	confine_links_of_certificates(c);
	confine_path(c, CONFINE_READ, "/proc/self/statm");
	confine_variable(c, "PGSERVICEFILE");
	confine_variable(c, "PGSYSCONFDIR");
	confine_home(getenv("HOME"), c);
	confine_home(user != NULL ? user->pw_dir : NULL, c);
	confine_kerberos(c);
	if (o != NULL) {
		confine_settings(o, c);
		pq.conninfoFree(o);
	}
}
