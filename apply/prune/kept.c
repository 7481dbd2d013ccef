/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "memory.h"
#include "prune/kept.h"

/* FNV-1a, 64 bits. */
static uint64_t
hash_of(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h != 0 ? h : 1;
}

/* Where it is, or would be. */
static uint64_t *
find(const struct kept *k, uint64_t hash)
{
	size_t at = hash % k->size;

	while (k->hash[at] != 0 && k->hash[at] != hash)
		at = (at + 1) % k->size;
	return &k->hash[at];
}

static void
add(struct kept *k, uint64_t hash)
{
	struct kept old = *k;
	uint64_t *at;

	if (2 * k->n >= k->size) {
		k->size = old.size > 0 ? 2 * old.size : 1024;
		k->hash = memory_new(k->size, sizeof *k->hash);
		for (size_t i = 0; i < old.size; i++)
			if (old.hash[i] != 0)
				*find(k, old.hash[i]) = old.hash[i];
		free(old.hash);
	}
	at = find(k, hash);
	k->n += *at == 0;
	*at = hash;
}

/* An event's id, or the time of one. */
static void
take(void *arg, const struct value *row, size_t n)
{
	(void)n;
	if (row[0].type == VALUE_TEXT)
		add(arg, hash_of(row[0].text, row[0].len));
	else if (row[0].type == VALUE_INT)
		add(arg, hash_of(&row[0].i, sizeof row[0].i));
}

static enum db_result
read_column(struct kept *k, struct db *db, const struct table *t,
    const char *column, const char *at, int64_t before)
{
	struct value value = value_int(before);
	struct buf sql = {0};
	struct query q = {.rows_of = t->name};
	const char *comma = "";
	enum db_result rc;

	buf_printf(&sql,
	    "SELECT \"%s\" FROM \"%s\" WHERE \"%s\" IS NOT NULL AND "
	    "\"%s\"<$1 ORDER BY ",
	    column, t->name, column, at);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(&sql, "%s\"%s\"", comma, t->column[i].name);
			comma = ",";
		}
	q.sql = buf_str(&sql);
	rc = db_select(db, &q, &value, 1, take, k);
	db_forget(db, &q);
	buf_free(&sql);
	return rc;
}

enum db_result
kept_read(struct kept *k, struct db *db, int64_t before)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		if (t->kind == TABLE_OBJECT || t->kind == TABLE_REUSED ||
		    strcmp(t->name, "tombstone") == 0 ||
		    strcmp(t->name, "orphan") == 0)
			rc = read_column(
			    k, db, t, "event_id", "event_at", before);
		else if (strcmp(t->name, "listed_object") == 0)
			rc = read_column(
			    k, db, t, "filled_at", "filled_at", before);
	return rc;
}

bool
kept_has(const struct kept *k, const char *id, size_t len, int64_t at)
{
	return k->size > 0 && (*find(k, hash_of(id, len)) != 0 ||
				  *find(k, hash_of(&at, sizeof at)) != 0);
}

void
kept_release(struct kept *k)
{
	free(k->hash);
	*k = (struct kept){0};
}
