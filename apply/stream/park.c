/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "mend.h"
#include "park.h"
#include "parked_id.h"
#include "utf8.h"

/* No database holds a NUL byte in a text; a group made by hand may have one. */
static struct value
without_nul(struct value text, struct buf *copy)
{
	const char *p = text.text, *end = p + text.len, *nul;

	if (memchr(p, '\0', text.len) == NULL)
		return text;
	while ((nul = memchr(p, '\0', (size_t)(end - p))) != NULL) {
		buf_add(copy, p, (size_t)(nul - p));
		buf_puts(copy, UTF8_REPLACEMENT);
		p = nul + 1;
	}
	buf_add(copy, p, (size_t)(end - p));
	return value_bytes(copy->p, copy->len);
}

/*
 * As much of the text, in *whole as a database has it, as fits: as wos-decode
 * parks lines that are too long.  *size becomes its length.
 */
static struct value
beginning(struct value text, size_t most, size_t *size, const char **kind,
    struct buf *whole)
{
	mend_utf8(whole, text.text, text.len);
	*size = whole->len;
	if (whole->len <= most)
		return value_bytes(whole->p, whole->len);
	*kind = "beginning";
	while (((unsigned char)whole->p[most] & 0xC0) == 0x80)
		most--; /* not in the middle of a character */
	return value_bytes(whole->p, most);
}

enum db_result
park_add(struct db *db, const char *event_id, const char *kind,
    struct value text, const char *reason)
{
	static const struct query q = {.shown = true,
	    .sql = "INSERT INTO \"parked_event\" "
		   "(\"id\",\"event_id\",\"kind\",\"text\",\"reason\") "
		   "SELECT $1,$2,$3,$4,$5 WHERE NOT EXISTS (SELECT "
		   "\"event_id\" FROM \"events_cursor\" WHERE "
		   "\"event_id\"=$2 AND \"event_payload\"<>$4) "
		   "ON CONFLICT (\"id\") "
		   "DO UPDATE SET \"reason\"=excluded.\"reason\""};
	size_t size = text.len, most = db->ops->text_max;
	char id[PARKED_ID_SIZE];
	struct buf copy = {0}, whole = {0};
	enum db_result rc;

	text = without_nul(text, &copy);
	if (most > 0 && size > most / UTF8_REPLACEMENT_LEN)
		text = beginning(text, most, &size, &kind, &whole);
	parked_id(text.text, text.len, size, id);
	rc = db_run(db, &q,
	    (struct value[]){value_text(id), value_text(event_id),
		value_text(kind), text, value_text(reason)},
	    5, NULL);
	buf_free(&copy);
	buf_free(&whole);
	return rc;
}

enum db_result
park_resolve(struct db *db, const struct db_place *at, const char *event_id,
    struct value text)
{
	static const struct query q = {.shown = true,
	    .sql = "DELETE FROM \"parked_event\" WHERE \"id\"=$1 OR "
		   "\"event_id\"=$2"};
	char id[PARKED_ID_SIZE];
	struct value key[2];

	parked_id(text.text, text.len, text.len, id);
	key[0] = value_text(id);
	key[1] = value_text(event_id);
	return db_run_at(db, at, &q, key, 2, NULL);
}

enum db_result
park_any(struct db *db, bool *any)
{
	static const struct query q = {
	    .sql = "SELECT \"id\" FROM \"parked_event\" LIMIT 1"};

	return db_any(db, &q, NULL, 0, any);
}
