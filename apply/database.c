/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

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
	if (rc == DB_REFUSED &&
	    !o->verify) { /* it can't be known: that is no failure */
		log_warnx("%s: %s", o->shown, why);
		return NULL;
	}
	check_open(o, rc, why);
	if (inner == NULL)
		check_open(o, DB_FAILED, "no such database");
	rc = warn_of_owners(o, inner);
	if (rc == DB_OK)
		rc = dry_open(inner, stdout, o->json, o->verify, &db);
	check_open(o, rc, inner->why);
	return db;
}
