/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "database.h"
#include "descriptors.h"
#include "erase/erase.h"
#include "erase/found.h"
#include "erase/rows.h"
#include "erase/texts.h"
#include "erase/counted.h"
#include "forget/who.h"
#include "forgotten.h"
#include "log.h"
#include "status.h"

/* What nobody can guess: a hash of an address alone tells the address. */
#define SALT_BYTES ((SHA256_HEX_SIZE - 1) / 2)

static void
make_salt(char salt[SHA256_HEX_SIZE])
{
	unsigned char bytes[SALT_BYTES];

	if (getentropy(bytes, sizeof bytes) == -1)
		log_err(STATUS_FAILED, "getentropy");
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(salt + 2 * i, 3, "%02x", bytes[i]);
}

/*
 * In one transaction: from now on, what streams bring of them is stripped.  An
 * address is erased up to now, or to the newest event, if clocks differ.
 */
static enum db_result
remember(struct db *db, const struct found *f)
{
	struct forgotten what = {0};
	enum db_result rc = db_begin(db);

	if (rc == DB_OK)
		rc = forgotten_read(&what, db);
	if (rc == DB_OK && *what.erased.salt == '\0')
		make_salt(what.erased.salt);
	for (size_t i = 0; rc == DB_OK && i < f->n; i++)
		rc = forgotten_note_person(&what, db, f->text[i].kind,
		    f->text[i].text, f->text[i].len, f->now);
	if (rc == DB_OK)
		rc = forgotten_note_persons(&what, db, f->now);
	forgotten_release(&what);
	return db_end(db, rc);
}

static void
take_newest(void *arg, const struct value *row, size_t n)
{
	struct found *f = arg;

	(void)n;
	if (row[0].type == VALUE_INT && row[0].i > f->now)
		f->now = row[0].i;
}

static enum db_result
find_time(struct db *db, struct found *f)
{
	static const struct query q = {
	    .sql = "SELECT \"created_at\" FROM \"events_cursor\" "
		   "ORDER BY \"created_at\" DESC LIMIT 1"};

	return found_asked(f, db_select(db, &q, NULL, 0, take_newest, f));
}

/* Who had the addresses that were named, and what addresses all of them had. */
static enum db_result
find(struct db *db, struct found *f)
{
	enum db_result rc = DB_OK;

	if (found_has(f, ERASED_ADDRESS))
		rc = rows_find_ids(db, f);
	if (rc == DB_OK && found_has(f, ERASED_ADDRESS))
		rc = texts_find_ids(db, f);
	if (rc == DB_OK && found_has(f, ERASED_ID))
		rc = rows_find_addresses(db, f);
	if (rc == DB_OK && found_has(f, ERASED_ID))
		rc = texts_find_addresses(db, f);
	return rc;
}

/* The last error of a run may have quoted a value. */
static enum db_result
erase_messages(struct db *db)
{
	static const struct query q = {
	    .sql = "UPDATE \"sync_run\" SET \"message\"=NULL "
		   "WHERE \"message\" IS NOT NULL"};

	return db_run(db, &q, NULL, 0, NULL);
}

static enum db_result
erase_step(struct db *db, struct found *f, struct counted *counted,
    enum erase_step step)
{
	enum db_result rc = rows_erase(db, f, counted, step);

	return rc == DB_OK ? texts_erase(db, f, counted, step) : rc;
}

static enum db_result
erase(struct db *db, struct found *f, struct counted *counted)
{
	enum db_result rc = find_time(db, f);

	if (rc == DB_OK && !counted->dry)
		rc = remember(db, f);
	if (rc == DB_OK)
		rc = find(db, f);
	if (rc == DB_OK && !counted->dry)
		rc = remember(db, f);
	if (rc == DB_OK && counted->dry)
		return erase_step(db, f, counted, ERASE_ALL);
	for (int step = ERASE_TOLD; rc == DB_OK && step <= ERASE_NAMED; step++)
		rc = erase_step(db, f, counted, (enum erase_step)step);
	return rc == DB_OK ? erase_messages(db) : rc;
}

/* More tables than the catalogue has. */
#define CLEANED_MOST 128

static bool
has_personal(const struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].personal)
			return true;
	return false;
}

/*
 * What the database still has of it where no statement reaches.  That may be in
 * a table of which no row has changed: a row that went with its object, or was
 * parked until it was applied, leaves its bytes behind.
 */
static void
scrub(struct db *db, const struct options *o)
{
	const char *names[CLEANED_MOST];
	enum db_result rc = DB_OK;
	size_t all, n = 0;
	const struct table *t = catalogue_tables(&all);

	for (size_t i = 0; i < all && n < CLEANED_MOST; i++)
		if (has_personal(&t[i]))
			names[n++] = t[i].name;

	if (db->ops->scrub != NULL)
		rc = db->ops->scrub(db, names, n);
	if (rc != DB_OK)
		log_errx(db_status(rc),
		    "%s: they are erased, but what they had may still be in "
		    "its files: run this again: %s",
		    o->shown, db->why);
}

static void
tell(const struct options *o, const struct found *f,
    const struct counted *counted)
{
	struct buf text = {0}, json = {0};
	size_t ids = 0;

	for (size_t i = 0; i < f->n; i++)
		ids += f->text[i].kind == ERASED_ID;
	counted_all(counted, &text, &json);
	if (counted->dry) {
		counted_totals(counted);
	} else if (o->verbose) {
		log_field_json("rows", buf_str(&json));
		log_info("%zu ids and %zu addresses were erased%s%s", ids,
		    f->n - ids, text.len > 0 ? ": " : "", buf_str(&text));
	}
	buf_free(&text);
	buf_free(&json);
}

int
erase_people(struct db *db, const struct options *o)
{
	struct found f = {.now = o->now, .dry = o->dry};
	FILE *who = who_open("--erase", o->argument);
	enum db_result rc;
	struct counted counted;

	db = database_open(o, o->dry ? DB_READ : DB_CHANGE);
	if (db == NULL)
		log_errx(STATUS_FAILED, "%s: no such database", o->shown);
	who_read("--erase", who, found_add, &f);
	counted_init(&counted, o->dry);
	rc = erase(db, &f, &counted);
	descriptors_flush();
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	if (f.lacks)
		log_warnx("tables that are not there, or not as this version "
			  "has them, are not told of: wos-apply makes them so "
			  "when it first writes");
	if (!o->dry)
		scrub(db, o);
	tell(o, &f, &counted);
	descriptors_flush();
	found_release(&f);
	counted_release(&counted);
	db_close(db);
	return STATUS_DONE;
}
