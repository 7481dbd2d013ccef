/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "libpq.h"
#include "pg_answer.h"
#include "pg_name.h"
#include "visible.h"

/* What a password with a slash or an at sign in it makes of a URL. */
#define WRITE_SO                                                               \
	"not a connection string: in a password / is written %2F, : is %3A "   \
	"and @ is %40, and it is "                                             \
	"better in ~/.pgpass"

/*
 * Is it a parameter that others add to the URLs in DATABASE_URL?  These words,
 * and no others, can be repeated: what is between quotes may be a part of a
 * password.
 */
static const char *
find_foreign(const char *quote)
{
	static const char *const names[] = {"schema", "pgbouncer",
	    "connection_limit", "pool_timeout", "socket_timeout",
	    "statement_cache_size", "sslaccept", "sslidentity"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i]);

		if (strncmp(quote + 1, names[i], n) == 0 && quote[n + 1] == '"')
			return names[i];
	}
	return NULL;
}

void
pg_name_refused(char why[DB_WHY_SIZE], const char *reason)
{
	struct buf out = {0};
	const char *quote = strchr(reason, '"'), *end;
	const char *foreign = quote != NULL ? find_foreign(quote) : NULL;

	if (foreign != NULL) {
		snprintf(why, DB_WHY_SIZE,
		    "%s is Prisma's, and libpq has no such parameter: leave it "
		    "out; options=-csearch_path%%3DNAME names a schema",
		    foreign);
		return;
	}
	buf_puts(&out, "not a connection string: ");
	if (quote == NULL) {
		buf_puts(&out, reason);
	} else {
		end = strrchr(quote + 1, '"');
		buf_add(&out, reason, (size_t)(quote + 1 - reason));
		buf_printf(&out, "...%s", end != NULL ? end : "");
	}
	pg_say(why, out.p, out.len);
	buf_free(&out);
}

/*
 * libpq ends a user and password at the first at sign, and has none if there
 * is a slash before it: then it takes the password for a port, a host's or a
 * database's name.
 */
static bool
is_split_well(const char *where)
{
	const char *start = where, *at, *query;

	if (strncmp(where, "postgresql://", 13) == 0)
		start += 13;
	else if (strncmp(where, "postgres://", 11) == 0)
		start += 11;
	else
		return true; /* keywords and values */
	at = memchr(start, '@', strcspn(start, "/"));
	if (at != NULL)
		start = at + 1;
	query = start + strcspn(start, "?");
	return memchr(start, '@', (size_t)(query - start)) == NULL;
}

/* Hosts may be addresses with colons, or sockets that begin with an @. */
static bool
is_host(const char *host)
{
	if (host == NULL ||
	    host[strspn(host, "0123456789abcdefABCDEF:.%,")] == '\0')
		return true;
	return strpbrk(host + (*host == '@'), ":@") == NULL;
}

/*
 * Is all that libpq and servers repeat in their messages free of what may be a
 * password: of a connection string inside a part of another?
 */
static bool
is_understood(const PQconninfoOption *o)
{
	const char *user = libpq_option(o, "user"),
		   *port = libpq_option(o, "port"),
		   *name = libpq_option(o, "dbname"),
		   *service = libpq_option(o, "service");

	return is_host(libpq_option(o, "host")) &&
	       is_host(libpq_option(o, "hostaddr")) &&
	       (port == NULL || port[strspn(port, "0123456789,")] == '\0') &&
	       (user == NULL || strchr(user, ':') == NULL) &&
	       (name == NULL || strpbrk(name, ":=") == NULL) &&
	       (service == NULL || strpbrk(service, ":=@") == NULL);
}

/* A part of the name.  What is behind an at sign is not shown. */
static void
add_part(struct buf *out, const char *part)
{
	size_t n = strcspn(part, "@");

	visible_add(out, part, n);
	if (part[n] != '\0')
		buf_puts(out, "...");
}

static void
add_shown(struct buf *shown, const PQconninfoOption *o)
{
	const char *service = libpq_option(o, "service"),
		   *user = libpq_option(o, "user"),
		   *host = libpq_option(o, "host"),
		   *port = libpq_option(o, "port"),
		   *name = libpq_option(o, "dbname");

	if (service != NULL) {
		buf_puts(shown, "service=");
		visible_add(shown, service, strlen(service));
		return;
	}
	buf_puts(shown, "postgresql://");
	if (user != NULL)
		add_part(shown, user);
	if (user != NULL)
		buf_putc(shown, '@');
	if (host == NULL)
		host = libpq_option(o, "hostaddr");
	if (host != NULL)
		visible_add(shown, host, strlen(host));
	if (port != NULL)
		buf_printf(shown, ":%s", port);
	buf_putc(shown, '/');
	if (name != NULL)
		add_part(shown, name);
}

/*
 * What says which database and which schema it is.  Returns true if `shown`
 * says it all, too.
 */
static bool
add_identity(struct buf *identity, const PQconninfoOption *o)
{
	static const char *const keywords[] = {
	    "service", "host", "port", "user", "dbname", "hostaddr", "options"};
	bool service = libpq_option(o, "service") != NULL, whole = true;
	const char *value;

	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
		if ((value = libpq_option(o, keywords[i])) == NULL)
			continue;
		buf_printf(
		    identity, "%s=%zu:%s ", keywords[i], strlen(value), value);
		if ((service && i > 0) || i == 6 ||
		    (i == 5 && libpq_option(o, "host") != NULL))
			whole = false;
	}
	return whole;
}

int
pg_name(const char *where, struct buf *shown, struct buf *identity, bool *whole,
    char why[DB_WHY_SIZE])
{
	PQconninfoOption *o;
	char *error = NULL;
	const char *missing;
	int rc = 0;

	*whole = true;
	if (!libpq_load(&missing)) {
		buf_puts(shown, "PostgreSQL");
		return 0;
	}
	if ((o = pq.conninfoParse(where, &error)) == NULL) {
		pg_name_refused(why, error ? error : "no memory");
		pq.freemem(error);
		return -1;
	}
	if (!is_split_well(where) || !is_understood(o)) {
		snprintf(why, DB_WHY_SIZE, "%s", WRITE_SO);
		rc = -1;
	} else {
		add_shown(shown, o);
		*whole = add_identity(identity, o);
	}
	pq.conninfoFree(o);
	return rc;
}
