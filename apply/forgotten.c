/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "forgotten.h"
#include "log.h"
#include "timestamp.h"

static bool
is(const struct value *v, const char *text)
{
	return v->type == VALUE_TEXT && v->len == strlen(text) &&
	       memcmp(v->text, text, v->len) == 0;
}

static void
take(void *arg, const struct value *row, size_t n)
{
	struct forgotten *f = arg;

	(void)n;
	f->any = true;
	if (is(&row[0], "facts"))
		f->facts = row[1].i;
	else if (is(&row[0], "payloads"))
		f->payloads = row[1].i;
	else if (is(&row[0], "persons")) {
		f->persons_at = row[1].i;
		f->npersons = row[3].i;
		value_copy(&row[2], f->erased.salt, sizeof f->erased.salt);
	}
}

static void
take_erased(void *arg, const struct value *row, size_t n)
{
	struct forgotten *f = arg;
	char hash[SHA256_HEX_SIZE];

	(void)n;
	value_copy(&row[0], hash, sizeof hash);
	if (strlen(hash) != SHA256_HEX_SIZE - 1)
		return; /* nothing that we have written */
	for (int kind = ERASED_ID; kind <= ERASED_HAD; kind++)
		if (is(&row[1], erased_kind_name[kind]))
			erased_add_hash(
			    &f->erased, hash, (enum erased_kind)kind, row[2].i);
}

enum db_result
forgotten_look(struct forgotten *f, struct db *db)
{
	static const struct query what = {
	    .sql = "SELECT \"name\",\"before\",\"salt\",\"count\" FROM "
		   "\"forgotten\""};

	f->facts = f->payloads = NEVER_FORGOTTEN;
	return db_select(db, &what, NULL, 0, take, f);
}

enum db_result
forgotten_read(struct forgotten *f, struct db *db)
{
	static const struct query who = {.rows_of = "erased",
	    .sql = "SELECT \"hash\",\"kind\",\"erased_at\" FROM \"erased\" "
		   "ORDER BY \"hash\""};
	const int64_t at = f->persons_at, count = f->npersons;
	enum db_result rc = forgotten_look(f, db);

	if (rc != DB_OK || (at == f->persons_at && count == f->npersons))
		return rc;
	return db_select(db, &who, NULL, 0, take_erased, f);
}

/* An older schema does not know, and has nothing pruned. */
enum db_result
forgotten_warn(struct db *db, const char *what)
{
	struct forgotten f = {0};
	enum db_result rc = forgotten_look(&f, db);
	char time[TIMESTAMP_SIZE];

	if (rc == DB_OK && f.payloads != NEVER_FORGOTTEN) {
		timestamp_format(f.payloads, time);
		log_warnx("payloads before %.10s were pruned: %s", time, what);
	}
	forgotten_release(&f);
	return rc == DB_REFUSED ? DB_OK : rc;
}

/* Without a value, the column that must have one refuses the row. */
#define GUARDED "before"

enum db_result
forgotten_guard(const struct forgotten *f, struct db *db)
{
	static const struct query q = {
	    .sql = "INSERT INTO \"forgotten\" (\"name\",\"" GUARDED "\") "
		   "SELECT 'persons',NULL WHERE "
		   "COALESCE((SELECT \"before\" FROM \"forgotten\" WHERE "
		   "\"name\"='persons'),0)<>$1 OR "
		   "COALESCE((SELECT \"count\" FROM \"forgotten\" WHERE "
		   "\"name\"='persons'),0)<>$2 OR "
		   "(SELECT \"before\" FROM \"forgotten\" WHERE "
		   "\"name\"='facts') IS DISTINCT FROM $3"};
	struct value value[3] = {value_int(f->persons_at),
	    value_int(f->npersons),
	    f->facts != NEVER_FORGOTTEN ? value_int(f->facts)
					: value_text(NULL)};

	if (!db->ops->at_once)
		return DB_OK;
	return db_run(db, &q, value, 3, NULL);
}

bool
forgotten_has_changed(const struct db *db)
{
	return strstr(db->why, "forgotten." GUARDED) != NULL;
}

void
forgotten_release(struct forgotten *f)
{
	erased_release(&f->erased);
}

enum db_result
forgotten_note(struct db *db, const char *name, int64_t before)
{
	static const struct query q = {
	    .sql = "INSERT INTO \"forgotten\" (\"name\",\"before\") VALUES "
		   "($1,$2) ON CONFLICT (\"name\") DO UPDATE SET "
		   "\"before\"=excluded.\"before\" WHERE "
		   "excluded.\"before\">\"forgotten\".\"before\""};
	struct value value[2] = {value_text(name), value_int(before)};

	return db_run(db, &q, value, 2, NULL);
}

enum db_result
forgotten_note_person(struct forgotten *f, struct db *db, enum erased_kind kind,
    const char *text, size_t len, int64_t now)
{
	static const struct query q = {
	    .sql = "INSERT INTO \"erased\" (\"hash\",\"kind\",\"erased_at\") "
		   "VALUES ($1,$2,$3) ON CONFLICT (\"hash\") DO UPDATE SET "
		   "\"kind\"=CASE WHEN \"erased\".\"kind\"='address' THEN "
		   "'address' ELSE excluded.\"kind\" END,"
		   "\"erased_at\"=excluded.\"erased_at\""};
	char hash[SHA256_HEX_SIZE];
	struct value value[3];

	erased_hash(&f->erased, kind, text, len, hash);
	erased_add_hash(&f->erased, hash, kind, now);
	value[0] = value_text(hash);
	value[1] = value_text(erased_kind_name[kind]);
	value[2] = value_int(now);
	return db_run(db, &q, value, 3, NULL);
}

enum db_result
forgotten_note_persons(struct forgotten *f, struct db *db, int64_t now)
{
	static const struct query q = {
	    .sql = "INSERT INTO \"forgotten\" "
		   "(\"name\",\"before\",\"salt\",\"count\") VALUES "
		   "('persons',$1,$2,$3) ON CONFLICT (\"name\") DO UPDATE SET "
		   "\"before\"=excluded.\"before\","
		   "\"count\"=excluded.\"count\""};
	struct value value[3] = {value_int(now), value_text(f->erased.salt),
	    value_int((int64_t)f->erased.n)};

	f->any = true;
	f->persons_at = now;
	f->npersons = (int64_t)f->erased.n;
	return db_run(db, &q, value, 3, NULL);
}
