/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "catalogue.h"
#include "change/feed.h"
#include "confine/confine.h"
#include "database.h"
#include "dry/dry.h"
#include "log.h"
#include "open.h"
#include "retry.h"
#include "status.h"

void
database_name(struct options *o, struct name *name)
{
	char why[DB_WHY_SIZE];
	int rc = name_init(name, o->database, why);

	o->name = name;
	o->shown = buf_str(&name->shown);
	o->field = strncmp(o->shown, "./", 2) == 0 ? o->shown + 2 : o->shown;
	if (rc == -1)
		log_errx(STATUS_USAGE, "%s%s%s", o->shown,
		    *o->shown != '\0' ? ": " : "", why);
	log_keep("database", o->field);
}

/* The end, if it could not be opened. */
static void
check_open(const struct options *o, enum db_result rc, const char *why)
{
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, why);
}

/* What is read from now on finds the database, and nothing else. */
void
database_confine(const struct options *o)
{
	bool decodes = o->question->decodes;
	struct confine c;

	confine_begin(&c, (decodes ? CONFINE_EXEC : 0) |
			      (db_connects(o->database) ? CONFINE_CONNECT : 0));
	db_confine(o->database, &c);
	if (decodes)
		retry_confine(&c);
	if (o->question->feeds)
		db_confine_temporary(&c);
	for (char **f = o->files; o->question->files && *f != NULL; f++)
		confine_path(&c, CONFINE_READ, *f);
	confine_end(&c, o->verbose);
}

struct db *
database_open(const struct options *o, enum db_mode mode)
{
	char why[DB_WHY_SIZE];
	struct db *db;

	database_confine(o);
	check_open(o, db_open(o->database, mode, &db, why), why);
	if (db == NULL && mode != DB_READ)
		check_open(o, DB_FAILED, "no such database");
	return db;
}

static bool
has_feed(const struct options *o)
{
	return o->changes || o->channel != NULL;
}

struct db *
database_open_feed(const struct options *o, enum db_mode mode)
{
	const struct feed_options how = {o->changes, o->channel};
	struct db *inner, *db;

	if (o->channel != NULL && !name_is_server(o->database))
		log_errx(STATUS_USAGE,
		    "--notify: %s: only PostgreSQL notifies anyone", o->shown);
	if (has_feed(o) || o->question->feeds)
		feed_prepare();
	inner = database_open(o, mode);
	if (!has_feed(o))
		return inner;
	check_open(o, feed_open(inner, &how, &db), inner->why);
	return db;
}

int
database_end(struct db *db, const struct options *o, int status)
{
	if (!has_feed(o) || feed_end(db) == DB_OK)
		return status;
	if (status != STATUS_FAILED) /* that has told it */
		log_errx(STATUS_FAILED, "%s: %s", o->shown, db->why);
	return STATUS_FAILED;
}

void
database_check_empty(struct db *db, const struct options *o)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	const char * or = "SELECT 1 WHERE ";
	struct buf sql = {0};
	struct query q = {0};
	bool any;
	enum db_result rc;

	for (; n > 0; n--, t++) {
		buf_printf(
		    &sql, "%sEXISTS (SELECT 1 FROM \"%s\")", or, t->name);
		or = " OR ";
	}
	q.sql = buf_str(&sql);
	rc = db_any(db, &q, NULL, 0, &any);
	check_open(o, rc, db->why);
	if (any)
		check_open(o, DB_FAILED, "it is not empty");
	db_forget(db, &q);
	buf_free(&sql);
}

/* What nobody can tell in advance. */
static enum db_result
warn_of_owners(const struct options *o, struct db *db)
{
	struct buf tables = {0};
	enum db_result rc = dry_owners(db, &tables);

	if (rc == DB_OK && tables.len > 0)
		log_warnx("%s: what triggers, rules, cascades and "
			  "deferred constraints do can't be known: %s",
		    o->shown, buf_str(&tables));
	buf_free(&tables);
	return rc;
}

struct db *
database_open_dry(const struct options *o)
{
	char why[DB_WHY_SIZE];
	struct db *inner, *db = NULL;
	enum db_result rc;

	database_confine(o);
	rc = db_open(o->database, o->verify ? DB_VERIFY : DB_DRY, &inner, why);
	check_open(o, rc, why);
	if (inner == NULL)
		check_open(o, DB_FAILED, "no such database");
	rc = warn_of_owners(o, inner);
	if (rc == DB_OK)
		rc = dry_open(inner, stdout, o->json, o->verify, &db);
	check_open(o, rc, inner->why);
	return db;
}
