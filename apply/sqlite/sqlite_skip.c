/* SPDX-License-Identifier: MIT */
#include "sqlite_skip.h"
#include "stream/form.h"

void
skip_begin(struct skip *s)
{
	s->landed = false;
	s->orphans = ORPHANS_UNKNOWN;
}

/* Does the question return a row?  The answer may be a failure's. */
static bool
asks(sqlite3 *h, sqlite3_stmt **stmt, const char *sql, const struct value *text,
    int n, bool failed)
{
	int code = SQLITE_OK;

	if (*stmt == NULL)
		code = sqlite3_prepare_v3(
		    h, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	for (int i = 0; code == SQLITE_OK && i < n; i++)
		code = text[i].type != VALUE_TEXT
			   ? SQLITE_MISMATCH
			   : sqlite3_bind_text64(*stmt, i + 1, text[i].text,
				 text[i].len, SQLITE_STATIC, SQLITE_UTF8);
	if (code == SQLITE_OK)
		code = sqlite3_step(*stmt);
	sqlite3_reset(*stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return failed;
	return code == SQLITE_ROW;
}

static bool
is_cascade_put_off(
    struct skip *s, sqlite3 *h, const struct form *form, const struct value *id)
{
	const struct value key[] = {value_text(form->cascade), *id};

	return asks(h, &s->is_gone,
	    "SELECT 1 FROM \"tombstone\" WHERE \"object\"=? AND \"id\"=?", key,
	    2, false);
}

/* The value is the note's: the object's key comes first in it. */
static bool
is_no_orphan(struct skip *s, sqlite3 *h, const struct value *value)
{
	if (s->orphans == ORPHANS_UNKNOWN)
		s->orphans =
		    asks(h, &s->any_orphan, "SELECT 1 FROM \"orphan\" LIMIT 1",
			NULL, 0, true)
			? ORPHANS_SOME
			: ORPHANS_NONE;
	return s->orphans == ORPHANS_NONE ||
	       !asks(h, &s->is_orphan,
		   "SELECT 1 FROM \"orphan\" WHERE \"object\"=? AND "
		   "\"id\"=? AND \"sub_id\"=?",
		   value, 3, true);
}

bool
skip_needs_no_run(struct skip *s, sqlite3 *h, const struct form *form,
    const struct value *value, size_t nvalues)
{
	if (s->loading && form->cascade != NULL)
		return is_cascade_put_off(s, h, form, &value[nvalues - 1]);
	return s->landed && form->orphan_note && is_no_orphan(s, h, value);
}

void
skip_has_run(struct skip *s, const struct form *form, int changed)
{
	s->landed = changed > 0;
	if (s->landed && form->adds_orphans)
		s->orphans = ORPHANS_SOME;
}
