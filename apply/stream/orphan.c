/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "cascade.h"
#include "log.h"
#include "orphan.h"

/*
 * How often events are decoded again: each time is for what descends one level
 * deeper, and the catalogue has fewer levels than this.
 */
#define ROUNDS_MOST 8

int (*orphan_decoder)(struct db *db, int64_t *changed);

static enum db_result
is_marked(struct db *db, const char *todo, bool *any)
{
	static const struct query q = {
	    .sql = "SELECT \"id\" FROM \"orphan\" WHERE \"todo\"=$1 LIMIT 1"};
	struct value value = value_text(todo);

	return db_any(db, &q, &value, 1, any);
}

/* Runs statements, a line each; the text is cut up. */
static enum db_result
run_all(struct db *db, char *sql)
{
	enum db_result rc = DB_OK;
	char *end;

	for (; rc == DB_OK && *sql != '\0'; sql = end + 1) {
		struct query q = {.sql = sql, .shown = true};

		end = strchr(sql, '\n');
		end[-1] = '\0'; /* the semicolon */
		rc = db_run(db, &q, NULL, 0, NULL);
		if (rc == DB_OK)
			rc = db_sync(db);
		db_forget(db, &q);
	}
	return rc;
}

/* The same in one transaction; the text is freed. */
static enum db_result
in_transaction(struct db *db, struct buf *sql)
{
	enum db_result rc = db_begin(db);

	buf_str(sql);
	if (rc == DB_OK)
		rc = run_all(db, sql->p);
	buf_free(sql);
	return db_end(db, rc);
}

enum db_result
orphan_settle(struct db *db, bool *decode)
{
	struct buf sql = {0};
	bool any;
	enum db_result rc;

	*decode = false;
	rc = is_marked(db, "settle", &any);
	if (rc == DB_OK && any) {
		cascade_settle(&sql, false);
		rc = in_transaction(db, &sql);
	}
	return rc == DB_OK ? is_marked(db, "decode", decode) : rc;
}

/* After events have been decoded: what they have filled is done. */
static enum db_result
settle_decoded(struct db *db, bool *more)
{
	struct buf sql = {0};
	enum db_result rc;

	cascade_refilled(&sql);
	rc = in_transaction(db, &sql);
	return rc == DB_OK ? orphan_settle(db, more) : rc;
}

/* What is still marked has no event in the ledger: it stays away. */
static enum db_result
forget(struct db *db)
{
	struct buf sql = {0};

	buf_puts(&sql,
	    "DELETE FROM \"orphan\" WHERE \"object\"='" ORPHAN_REFILL "';\n"
	    "UPDATE \"orphan\" SET \"todo\"=NULL "
	    "WHERE \"todo\"='decode';\n");
	return in_transaction(db, &sql);
}

int
orphan_decode(struct db *db, const char *name, int64_t *changed)
{
	static bool inside; /* the stream that is applied below */
	bool more = true;
	enum db_result rc = DB_OK;
	int status = 0;

	if (inside || orphan_decoder == NULL)
		return 0;
	inside = true;
	for (int i = 0; status == 0 && rc == DB_OK && more && i < ROUNDS_MOST;
	     i++) {
		status = orphan_decoder(db, changed);
		if (status == 0)
			rc = settle_decoded(db, &more);
	}
	if (status == 0 && rc == DB_OK && more)
		rc = forget(db);
	inside = false;
	if (status == 0 && rc != DB_OK) {
		log_warnx("%s: orphans: %s", name, db->why);
		status = db_status(rc);
	}
	return status;
}
