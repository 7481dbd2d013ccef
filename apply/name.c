/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "d1/d1_name.h"
#include "descriptors.h"
#include "name.h"
#include "options.h"
#include "sha256.h"
#include "visible.h"
#ifndef WITHOUT_POSTGRES
#include "postgres/pg_name.h"
#endif

#define AS_FILE "a file that is called so is named by ./ and its name"

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static const char *
past_space(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

static bool
is_url(const char *where)
{
	return begins(where, "postgresql://") || begins(where, "postgres://");
}

/* Nobody takes it for anything but a path. */
static bool
is_path(const char *where)
{
	return begins(where, "/") || begins(where, "./") ||
	       begins(where, "../");
}

/* Does it begin with a word of libpq's kind and an equals sign? */
static bool
is_keywords(const char *where)
{
	const char *start = past_space(where), *p = start;

	while (islower((unsigned char)*p) || *p == '_')
		p++;
	return p > start && *past_space(p) == '=';
}

bool
name_is_server(const char *where)
{
	return is_url(where) || is_keywords(where);
}

/* Is there, anywhere, what stands before a value in a connection string? */
static bool
has_keyword(const char *where)
{
	const char *equals = where, *p;

	while ((equals = strchr(equals, '=')) != NULL) {
		for (p = equals; p > where && isspace((unsigned char)p[-1]);)
			p--;
		for (equals++; p > where &&
			       (isalnum((unsigned char)p[-1]) || p[-1] == '_');)
			p--;
		if (p == where || isspace((unsigned char)p[-1]) ||
		    strchr(";,&?", p[-1]) != NULL)
			return true;
	}
	return false;
}

/* mysql://, postgres:/x, POSTGRES:x, postgres//x, file:x, or
 * user:password@host. */
static bool
has_scheme(const char *where)
{
	static const char *const words[] = {"postgres", "sqlite", "file:"};
	const char *start = past_space(where), *p = start, *colon;

	while (isalnum((unsigned char)*p) || (*p != '\0' && strchr("+.-", *p)))
		p++;
	if (*p == ':' && (p == start || p[1] == '/'))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if ((*p == ':' || strncmp(p, "//", 2) == 0) &&
		    strncasecmp(start, words[i], strlen(words[i])) == 0)
			return true;
	colon = strchr(start, ':');
	return colon != NULL && strchr(colon, '@') != NULL;
}

static const char *
refusal_of(const char *where)
{
	if (*where == '\0') /* SQLite would take a file that it deletes */
		return "the database has no name";
	if (strcmp(where, ":memory:") == 0)
		return "a database in memory is gone when the program ends: "
		       "the path of a file would do; " AS_FILE;
	if (d1_is_name(where))
		return d1_name_refusal(where);
	if (is_path(where) || name_is_server(where))
		return NULL;
	if (has_scheme(where) || has_keyword(where))
		return "neither a file nor a server: "
		       "postgresql://user@host/name, service=name, "
		       "\"host=... dbname=...\", d1:account/name or a path "
		       "would do; " AS_FILE;
	return NULL;
}

/* What stands behind these may be part of a password. */
static void
add_beginning(struct buf *shown, const char *where)
{
	size_t n = strcspn(where, ":@=");

	visible_add(shown, where, n);
	if (where[n] == '\0')
		return;
	buf_putc(shown, where[n]);
	buf_puts(shown, "...");
}

/* The folder that the path is in, without links; to be freed. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf folder = {0};
	char *real;

	if (slash != NULL)
		buf_add(&folder, path, (size_t)(slash + 1 - path));
	else
		buf_putc(&folder, '.');
	real = realpath(buf_str(&folder), NULL);
	buf_free(&folder);
	return real;
}

/* The path from the root, without links as far as it is there. */
static void
add_absolute(struct buf *out, const char *path)
{
	const char *slash = strrchr(path, '/'),
		   *last = slash != NULL ? slash + 1 : path;
	char *real = realpath(path, NULL), *folder = NULL;

	if (real == NULL && (folder = folder_of(path)) == NULL) {
		folder = *path != '/' ? folder_of("") : NULL;
		last = path;
	}
	if (real != NULL)
		buf_puts(out, real);
	else if (folder != NULL)
		buf_printf(
		    out, "%s/%s", strcmp(folder, "/") != 0 ? folder : "", last);
	else
		buf_puts(out, path);
	free(folder);
	free(real);
}

static void
add_sum(struct name *n, const struct buf *identity)
{
	char hex[SHA256_HEX_SIZE];

	sha256_hex(identity->p, identity->len, hex);
	snprintf(n->lock, sizeof n->lock, "%.32s", hex);
}

static void
name_file(struct name *n, const char *where)
{
	visible_add(&n->shown, where, strlen(where));
	add_absolute(&n->path, where);
	visible_add(&n->label, n->path.p, n->path.len);
	add_sum(n, &n->path);
}

/* Where there is no libpq, nothing can be known of it, nor asked of it. */
static int
name_server(struct name *n, const char *where, char why[DB_WHY_SIZE])
{
	struct buf identity = {0};
	bool whole = true;
	int rc = 0;

#ifndef WITHOUT_POSTGRES
	rc = pg_name(where, &n->shown, &identity, &whole, why);
#else
	(void)why;
	buf_puts(&n->shown, "PostgreSQL");
#endif
	if (rc == -1) {
		add_beginning(&n->shown, where);
		if (!is_url(where))
			strncat(
			    why, "; " AS_FILE, DB_WHY_SIZE - strlen(why) - 1);
	} else {
		add_sum(n, &identity);
		buf_add(&n->label, n->shown.p, n->shown.len);
		if (!whole)
			buf_printf(&n->label, " (%.8s)", n->lock);
	}
	buf_free(&identity);
	return rc;
}

/* Nothing in it is secret, and nothing of it need be made visible. */
static void
name_d1(struct name *n, const char *where)
{
	buf_puts(&n->shown, where);
	buf_puts(&n->label, where);
	add_sum(n, &n->label);
	n->server = true;
}

int
name_init(struct name *n, const char *where, char why[DB_WHY_SIZE])
{
	const char *refusal = refusal_of(where);

	*n = (struct name){.server = name_is_server(where)};
	if (refusal != NULL) {
		add_beginning(&n->shown, where);
		snprintf(why, DB_WHY_SIZE, "%s", refusal);
		return -1;
	}
	if (d1_is_name(where))
		name_d1(n, where);
	else if (n->server)
		return name_server(n, where, why);
	else
		name_file(n, where);
	return 0;
}

void
name_release(struct name *n)
{
	buf_free(&n->shown);
	buf_free(&n->label);
	buf_free(&n->path);
	*n = (struct name){0};
}

/* For scripts, which must not guess what libpq makes of a name. */
int
name_print(struct db *db, const struct options *o)
{
	(void)db;
	printf("kind %s\nshown %s\nlabel %s\nlock %s\n",
	    o->name->server ? "server" : "file", o->shown,
	    buf_str(&o->name->label), o->name->lock);
	return descriptors_flush();
}
