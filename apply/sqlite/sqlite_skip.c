/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sqlite_skip.h"
#include "stream/form.h"

void
skip_begin(struct skip *s)
{
	s->landed = false;
	s->items = ITEMS_UNKNOWN;
	s->knows_gone = false;
	s->nlast = 0;
}

/*
 * Asks a question about texts, and notes it if that fails.  Returns whether
 * there is an answer, which is a row or none; then the statement is to be
 * reset.
 */
static bool
ask(struct skip *s, sqlite3 *h, sqlite3_stmt **stmt, const char *sql,
    const struct value *text, int n)
{
	int code = SQLITE_OK;

	for (int i = 0; i < n; i++)
		if (text[i].type != VALUE_TEXT)
			return false; /* no key has any */
	if (*stmt == NULL)
		code = sqlite3_prepare_v3(
		    h, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	for (int i = 0; code == SQLITE_OK && i < n; i++)
		code = sqlite3_bind_text64(*stmt, i + 1, text[i].text,
		    text[i].len, SQLITE_STATIC, SQLITE_UTF8);
	if (code == SQLITE_OK)
		code = sqlite3_step(*stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		s->code = code;
	return s->code == SQLITE_OK;
}

/* Does the question return a row?  `unknown` is what it returns without. */
static bool
asks(struct skip *s, sqlite3 *h, sqlite3_stmt **stmt, const char *sql,
    const struct value *text, int n, bool unknown)
{
	bool known = ask(s, h, stmt, sql, text, n);
	bool any = known && sqlite3_data_count(*stmt) > 0;

	sqlite3_reset(*stmt);
	return known ? any : unknown;
}

/* Keeps a text, if it is one that fits. */
static bool
keep(struct skip_text *to, const char *text, size_t len)
{
	to->len = len;
	if (text == NULL || len > sizeof to->p)
		return false;
	memcpy(to->p, text, len);
	return true;
}

static bool
is_same(const struct skip_text *a, const struct value *b)
{
	return b->type == VALUE_TEXT && a->len == b->len &&
	       memcmp(a->p, b->text, a->len) == 0;
}

/* A parent has several of them, one after the other. */
static bool
is_cascade_put_off(
    struct skip *s, sqlite3 *h, const struct form *form, const struct value *id)
{
	const struct value key[] = {value_text(form->cascade), *id};

	if (s->knows_gone && is_same(&s->gone.object, &key[0]) &&
	    is_same(&s->gone.id, id))
		return true;
	if (!asks(s, h, &s->is_gone,
		"SELECT 1 FROM \"tombstone\" WHERE \"object\"=? AND \"id\"=?",
		key, 2, false))
		return false;
	s->knows_gone = keep(&s->gone.object, key[0].text, key[0].len) &&
			keep(&s->gone.id, id->text, id->len);
	return true;
}

/* Of such texts each encoding that a database may have has the same order. */
static bool
is_ascii(const char *text, size_t len)
{
	unsigned char all = 0;

	for (size_t i = 0; i < len; i++)
		all |= (unsigned char)text[i];
	return all < 0x80;
}

/* The last one of the object's orphans by its id, or ""; NULL: not known. */
static const struct skip_text *
last_orphan(struct skip *s, sqlite3 *h, const struct value *object)
{
	struct skip_key *last = s->last;
	const char *id;
	size_t len;
	bool known = false;

	for (; last < s->last + s->nlast; last++)
		if (is_same(&last->object, object))
			return &last->id;
	if (s->nlast == SKIP_KINDS)
		return NULL;
	if (ask(s, h, &s->last_orphan,
		"SELECT COALESCE(max(\"id\"),'') FROM \"orphan\" "
		"WHERE \"object\"=?",
		object, 1)) {
		id = (const char *)sqlite3_column_text(s->last_orphan, 0);
		len = (size_t)sqlite3_column_bytes(s->last_orphan, 0);
		known = keep(&last->id, id, len) && is_ascii(id, len) &&
			keep(&last->object, object->text, object->len);
	}
	sqlite3_reset(s->last_orphan);
	s->nlast += known;
	return known ? &last->id : NULL;
}

static bool
sorts_behind(const struct value *id, const struct skip_text *last)
{
	size_t len = id->len < last->len ? id->len : last->len;
	int order;

	if (id->type != VALUE_TEXT || !is_ascii(id->text, id->len))
		return false;
	order = memcmp(id->text, last->p, len);
	return order > 0 || (order == 0 && id->len > last->len);
}

/* The value is the note's: the object's key comes first in it. */
static bool
is_no_orphan(struct skip *s, sqlite3 *h, const struct value *value)
{
	const struct skip_text *last = last_orphan(s, h, value);

	return (last != NULL && sorts_behind(&value[1], last)) ||
	       !asks(s, h, &s->is_orphan,
		   "SELECT 1 FROM \"orphan\" WHERE \"object\"=? AND "
		   "\"id\"=? AND \"sub_id\"=?",
		   value, 3, true);
}

static bool
has_no_items(struct skip *s, sqlite3 *h)
{
	if (s->items == ITEMS_UNKNOWN)
		s->items = asks(s, h, &s->any_item,
			       "SELECT 1 FROM \"listed_object\" LIMIT 1", NULL,
			       0, true)
			       ? ITEMS_SOME
			       : ITEMS_NONE;
	return s->items == ITEMS_NONE;
}

bool
skip_needs_no_run(struct skip *s, sqlite3 *h, const struct form *form,
    const struct value *value, size_t nvalues)
{
	bool landed = s->landed;

	s->code = SQLITE_OK;
	s->landed = false;
	if (s->loading && form->cascade != NULL)
		return is_cascade_put_off(s, h, form, &value[nvalues - 1]);
	if (form->needs_item)
		return has_no_items(s, h);
	return landed && form->orphan_note && is_no_orphan(s, h, value);
}

void
skip_has_run(struct skip *s, const struct form *form, int changed)
{
	s->landed = changed > 0;
	s->knows_gone = false;
	if (s->landed && form->rows == OF_ITEMS && form->verb == VERB_INSERT)
		s->items = ITEMS_SOME;
	if (s->landed && form->rows == OF_ORPHANS && form->verb != VERB_DELETE)
		s->nlast = 0;
}
