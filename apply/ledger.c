/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "envelope.h"
#include "gone.h"
#include "group_name.h"
#include "jsontext.h"
#include "ledger.h"
#include "timestamp.h"

struct reading {
	ledger_fn *take;
	void *arg;
	int64_t left_out;
};

static void
take_place(void *arg, const struct value *row, size_t n)
{
	struct extent *e = arg;

	(void)n;
	e->at = row[0].i;
	e->arrival = row[1].i;
}

enum db_result
ledger_find(struct db *db, const char *event_id, struct extent *e, bool *found)
{
	struct value id = value_text(event_id);
	struct buf sql = {0};
	struct query q;
	enum db_result rc;

	buf_printf(&sql,
	    "SELECT \"created_at\",%s FROM \"events_cursor\" "
	    "WHERE \"event_id\"=$1",
	    db->ops->arrival);
	q = (struct query){.sql = buf_str(&sql)};
	e->arrival = -1;
	rc = db_select(db, &q, &id, 1, take_place, e);
	*found = rc == DB_OK && e->arrival != -1;
	db_forget(db, &q);
	buf_free(&sql);
	return rc;
}

/* What a string says, if it is one; with escapes, only wos-decode knows. */
static bool
reads(struct jsonspan s, bool *plain)
{
	if (!jsontext_is_string(s) || s.len == 2)
		return false;
	*plain = memchr(s.p, '\\', s.len) == NULL;
	return true;
}

/* Is it a type whose events have data that tables are filled from? */
static bool
needs_data(struct jsonspan type)
{
	struct buf name = {0};
	bool needs;

	buf_add(&name, type.p + 1, type.len - 2);
	needs = catalogue_event_type(buf_str(&name)) != NULL;
	buf_free(&name);
	return needs;
}

/*
 * Is it the line of the event that the ledger has it for?  All are that
 * wos-decode has put there, with no more than the envelope where a filter
 * dropped the event; the replaced system may have kept another part alone.
 */
static bool
is_event_line(struct jsonspan json, const struct value *id)
{
	enum { ID, TYPE, AT, DATA, MEMBERS };
	static const char *const name[] = {"id", "event", "created_at", "data"};
	struct jsonspan m[MEMBERS];
	bool plain;
	int64_t ms;

	if (json.p == NULL || *json.p != '{')
		return false;
	jsontext_pick(json, MEMBERS, name, m);
	if (!reads(m[ID], &plain) ||
	    (plain && (m[ID].len - 2 != id->len ||
			  memcmp(m[ID].p + 1, id->text, id->len) != 0)))
		return false;
	if (!reads(m[AT], &plain) ||
	    (plain && timestamp_parse(m[AT].p + 1, m[AT].len - 2, &ms) == -1))
		return false;
	return reads(m[TYPE], &plain) &&
	       (m[DATA].p != NULL || !needs_data(m[TYPE]) ||
		   envelope_is_all(json));
}

static void
take_event(void *arg, const struct value *row, size_t n)
{
	struct reading *r = arg;
	const char *p = row[0].text, *why;
	size_t len = row[0].len, at;
	struct jsonspan json = {0};
	struct buf compact = {0};

	(void)n;
	if (row[0].type == VALUE_TEXT)
		json = jsontext_check(p, len, &why, &at);
	if (!is_event_line(json, &row[1])) {
		r->left_out++;
		return;
	}
	if (memchr(p, '\n', len) != NULL) {
		jsontext_compact(json, &compact);
		p = compact.p;
		len = compact.len;
	}
	r->take(r->arg, p, len);
	buf_free(&compact);
}

enum db_result
ledger_ask(struct db *db, const struct query *q, ledger_fn *take, void *arg,
    int64_t *left_out)
{
	struct reading r = {take, arg, 0};
	enum db_result rc = db_select(db, q, NULL, 0, take_event, &r);

	*left_out += r.left_out;
	return rc;
}

/* The condition, and its values; returns how many they are. */
static size_t
add_condition(struct buf *sql, const struct extent *e, const char *arrival,
    struct value value[3])
{
	switch (e->which) {
	case LEDGER_ALL:
		return 0;
	case LEDGER_UNTIL:
		buf_printf(sql,
		    " WHERE \"created_at\"<$1 OR (\"created_at\"=$2 AND "
		    "%s<=$3)",
		    arrival);
		value[0] = value[1] = value_int(e->at);
		value[2] = value_int(e->arrival);
		return 3;
	case LEDGER_UP_TO:
	case LEDGER_BEYOND:
		buf_printf(sql, " WHERE %s%s$1", arrival,
		    e->which == LEDGER_UP_TO ? "<=" : ">");
		value[0] = value_int(e->arrival);
	}
	return 1;
}

enum db_result
ledger_events(struct db *db, const struct extent *e, ledger_fn *take, void *arg,
    int64_t *left_out)
{
	struct reading r = {take, arg, 0};
	struct value value[3];
	struct buf sql = {0};
	struct query q;
	enum db_result rc;
	size_t n;

	buf_puts(&sql,
	    "SELECT \"event_payload\",\"event_id\" FROM \"events_cursor\"");
	n = add_condition(&sql, e, db->ops->arrival, value);
	buf_printf(&sql, " ORDER BY %s", db->ops->arrival);
	q = (struct query){.sql = buf_str(&sql), .rows_of = "events_cursor"};
	rc = db_select(db, &q, value, n, take_event, &r);
	db_forget(db, &q);
	buf_free(&sql);
	*left_out += r.left_out;
	return rc;
}

/* A line of a list is in its table as it came. */
static void
take_listed(void *arg, const struct value *row, size_t n)
{
	struct reading *r = arg;

	(void)n;
	if (row[0].type == VALUE_TEXT)
		r->take(r->arg, row[0].text, row[0].len);
}

/* What a list was asked about and the API has no more: its tombstone. */
static void
take_gone(void *arg, const struct value *row, size_t n)
{
	struct reading *r = arg;
	struct value key[DB_MAX_COLUMNS] = {0};
	struct buf name = {0}, line = {0};
	const struct table *t;
	const struct value *part = &row[1];

	(void)n;
	buf_add(&name, row[0].text, row[0].type == VALUE_TEXT ? row[0].len : 0);
	t = catalogue_table(buf_str(&name));
	buf_free(&name);
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key && part < &row[3])
			key[i] = *part++;
	gone_line(&line, t, key, row[3].i);
	r->take(r->arg, line.p, line.len);
	buf_free(&line);
}

enum db_result
ledger_lists(struct db *db, const struct extent *e, bool ends, ledger_fn *take,
    void *arg)
{
	static const struct {
		const char *select, *table, *time, *also, *order;
		db_row_fn *row;
	} of[] = {
	    {"\"payload\"", "listed_object", "listed_at", "",
		"\"object\",\"id\",\"sub_id\"", take_listed},
	    {"\"object\",\"id\",\"sub_id\",\"event_at\"", "tombstone",
		"event_at", " AND \"event_id\" LIKE '" GROUP_LIST "%'",
		"\"object\",\"id\",\"sub_id\"", take_gone},
	    {"\"payload\"", "listed", "listed_at", "", "\"object\",\"parent\"",
		take_listed},
	};
	struct reading r = {take, arg, 0};
	struct value at = value_int(e->which == LEDGER_ALL ? INT64_MAX : e->at);
	struct buf sql = {0};
	enum db_result rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < (ends ? 3 : 2); i++) {
		struct query q = {.rows_of = of[i].table};

		buf_clear(&sql);
		buf_printf(&sql,
		    "SELECT %s FROM \"%s\" WHERE \"%s\"%s$1%s "
		    "ORDER BY %s",
		    of[i].select, of[i].table, of[i].time,
		    e->which == LEDGER_BEYOND ? ">" : "<=", of[i].also,
		    of[i].order);
		q.sql = buf_str(&sql);
		rc = db_select(db, &q, &at, 1, of[i].row, &r);
		db_forget(db, &q);
	}
	buf_free(&sql);
	return rc;
}
