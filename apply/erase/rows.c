/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "erase/rows.h"
#include "forget/person.h"

/*
 * Each change is a transaction, so that others have their turn; but where a
 * commit is a request, so many are one: each may look at a whole table, and D1
 * has 30 seconds for it.
 */
#define CHANGES_AT_ONCE 20

/* A row of a question that asks for a table's ids and addresses. */
struct asking {
	struct found *found;
	const struct table *table;
	const struct value *row;
	bool named;
};

/* Columns are asked for in this order: first ids, then addresses. */
static const struct column *
column_at(const struct table *t, size_t i)
{
	return i < t->npersons ? t->person[i] : t->address[i - t->npersons];
}

static bool
text_of(void *arg, const struct column *c, const char **text, size_t *len)
{
	const struct asking *a = arg;
	size_t n = a->table->npersons + a->table->naddresses;

	for (size_t i = 0; i < n; i++)
		if (column_at(a->table, i) == c &&
		    a->row[i].type == VALUE_TEXT) {
			*text = a->row[i].text;
			*len = a->row[i].len;
			return true;
		}
	return false;
}

static bool
no_time(void *arg, const struct column *c, int64_t *ms)
{
	(void)arg, (void)c, (void)ms;
	return false;
}

static void
add_address(void *arg, const char *text, size_t len)
{
	struct asking *a = arg;

	found_add(a->found, ERASED_HAD, text, len);
}

static void
is_named(void *arg, const char *text, size_t len)
{
	struct asking *a = arg;

	a->named |=
	    erased_has_address(&a->found->erased, text, len, INT64_MIN, true);
}

static void
take_addresses(void *arg, const struct value *row, size_t n)
{
	struct asking *a = arg;
	struct person_row p = {a->table, text_of, no_time, a};

	(void)n;
	a->row = row;
	if (person_has_id(&p, &a->found->erased))
		person_addresses(&p, add_address, a);
}

static void
take_ids(void *arg, const struct value *row, size_t n)
{
	struct asking *a = arg;
	struct person_row p = {a->table, text_of, no_time, a};

	(void)n;
	a->row = row;
	a->named = false;
	person_addresses(&p, is_named, a);
	if (a->named)
		found_add(a->found, ERASED_ID, row[0].text, row[0].len);
}

/* SELECT "id","email" FROM "user" WHERE */
static void
add_question(struct buf *sql, const struct table *t)
{
	size_t n = t->npersons + t->naddresses;

	for (size_t i = 0; i < n; i++)
		buf_printf(sql, "%s\"%s\"", i > 0 ? "," : "SELECT ",
		    column_at(t, i)->name);
	buf_printf(sql, " FROM \"%s\" WHERE ", t->name);
}

/* "user_id"=$1 */
static void
add_has_id(struct buf *sql, const struct table *t)
{
	for (size_t i = 0; i < t->npersons; i++)
		buf_printf(sql, "%s\"%s\"=$%zu", i > 0 ? " OR " : "",
		    t->person[i]->name, i + 1);
}

/*
 * The address is $1; of JSON, where it may be anything in there.  The database
 * changes the letters of both, so that they are alike.
 */
static void
add_has_address(struct buf *sql, const struct table *t, bool json)
{
	size_t n = 0;

	for (size_t i = 0; i < t->naddresses; i++) {
		const struct column *c = t->address[i];

		if (c->type == TYPE_JSON && !json)
			continue;
		if (n++ > 0)
			buf_puts(sql, " OR ");
		if (c->type == TYPE_JSON)
			buf_printf(sql,
			    "REPLACE(LOWER(CAST(\"%s\" AS TEXT)),LOWER($%zu),"
			    "'')<>LOWER(CAST(\"%s\" AS TEXT))",
			    c->name, n, c->name);
		else
			buf_printf(
			    sql, "LOWER(\"%s\")=LOWER($%zu)", c->name, n);
	}
}

/* As many values as a statement has marks. */
static size_t
fill(struct value value[DB_MAX_COLUMNS], const struct found_text *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		value[i] = value_bytes(t->text, t->len);
	return n;
}

/* Asks about each of a kind; what that adds is not asked about here. */
static enum db_result
ask_each(struct db *db, struct found *f, const struct table *t, bool ids,
    db_row_fn *take)
{
	struct asking a = {.found = f, .table = t};
	struct value value[DB_MAX_COLUMNS];
	struct buf sql = {0};
	struct query q = {.whole = true};
	enum db_result rc = DB_OK;
	size_t n = f->n, marks = ids ? t->npersons : t->naddresses;

	add_question(&sql, t);
	if (ids)
		add_has_id(&sql, t);
	else
		add_has_address(&sql, t, true);
	q.sql = buf_str(&sql);
	for (size_t i = 0; rc == DB_OK && i < n; i++)
		if ((f->text[i].kind == ERASED_ID) == ids)
			rc = db_select(db, &q, value,
			    fill(value, &f->text[i], marks), take, &a);
	db_forget(db, &q);
	buf_free(&sql);
	return rc;
}

enum db_result
rows_find_ids(struct db *db, struct found *f)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		if (person_has_table(t) && t->naddresses > 0)
			rc = ask_each(db, f, t, false, take_ids);
	return rc;
}

enum db_result
rows_find_addresses(struct db *db, struct found *f)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		if (t->npersons > 0 && t->naddresses > 0)
			rc = ask_each(db, f, t, true, take_addresses);
	return rc;
}

/* WHERE it is theirs, and has something to lose. */
static size_t
add_theirs(struct buf *sql, const struct table *t, enum erased_kind kind)
{
	size_t marks = 0, n = 0;

	buf_puts(sql, " WHERE (");
	if (kind == ERASED_ID) {
		add_has_id(sql, t);
		marks = t->npersons;
	} else {
		add_has_address(sql, t, false);
		for (size_t i = 0; i < t->naddresses; i++)
			marks += t->address[i]->type != TYPE_JSON;
	}
	buf_puts(sql, ")");
	for (size_t i = 0; kind == ERASED_HAD && i < t->npersons; i++)
		buf_printf(sql, " AND \"%s\" IS NULL", t->person[i]->name);
	buf_puts(sql, " AND (");
	for (size_t i = 0; i < t->ncolumns; i++)
		if (person_loses(t, &t->column[i]))
			buf_printf(sql, "%s\"%s\" IS NOT NULL",
			    n++ > 0 ? " OR " : "", t->column[i].name);
	buf_puts(sql, ")");
	return marks;
}

static void
add_update(struct buf *sql, const struct table *t)
{
	size_t n = 0;

	buf_printf(sql, "UPDATE \"%s\" SET ", t->name);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (person_loses(t, &t->column[i]))
			buf_printf(sql, "%s\"%s\"=NULL", n++ > 0 ? "," : "",
			    t->column[i].name);
}

static void
add_select(struct buf *sql, const struct table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key)
			buf_printf(sql, "%s\"%s\"", n++ > 0 ? "," : "SELECT ",
			    t->column[i].name);
	buf_printf(sql, " FROM \"%s\"", t->name);
}

struct telling {
	struct counted *counted;
	const struct table *table;
};

static void
tell_row(void *arg, const struct value *row, size_t n)
{
	struct telling *t = arg;

	counted_row(t->counted, t->table, row, n);
}

/* A statement about each of a kind; it has so many marks for it. */
struct each {
	struct query query;
	size_t marks;
	enum erased_kind kind;
};

static enum db_result
tell_each(struct db *db, const struct found *f, const struct each *e,
    struct telling *telling)
{
	struct value value[DB_MAX_COLUMNS];
	enum db_result rc = DB_OK;

	for (size_t i = 0; rc == DB_OK && i < f->n; i++)
		if (f->text[i].kind == e->kind)
			rc = db_select(db, &e->query, value,
			    fill(value, &f->text[i], e->marks), tell_row,
			    telling);
	return rc;
}

static enum db_result
change_each(struct db *db, const struct found *f, const struct each *e,
    int64_t *changed)
{
	const size_t most = db->ops->at_once ? CHANGES_AT_ONCE : 1;
	struct value value[DB_MAX_COLUMNS];
	enum db_result rc = DB_OK;
	size_t n = 0;

	for (size_t i = 0; rc == DB_OK && i < f->n; i++) {
		if (f->text[i].kind != e->kind)
			continue;
		if (n++ == 0)
			rc = db_begin(db);
		if (rc == DB_OK)
			rc = db_run(db, &e->query, value,
			    fill(value, &f->text[i], e->marks), changed);
		if (rc == DB_OK && n == most) {
			rc = db_end(db, rc);
			n = 0;
		}
	}
	return n > 0 ? db_end(db, rc) : rc;
}

/* The rows of a table that one kind of what was found tells. */
static enum db_result
erase_kind(struct db *db, const struct found *f, struct counted *counted,
    const struct table *t, enum erased_kind kind)
{
	struct telling telling = {counted, t};
	struct each each = {.query = {.whole = true}, .kind = kind};
	struct buf sql = {0};
	enum db_result rc;

	if (counted->dry)
		add_select(&sql, t);
	else
		add_update(&sql, t);
	each.marks = add_theirs(&sql, t, kind);
	each.query.sql = buf_str(&sql);
	rc = counted->dry ? tell_each(db, f, &each, &telling)
			  : change_each(db, f, &each, counted_at(counted, t));
	db_forget(db, &each.query);
	buf_free(&sql);
	return rc;
}

static bool
has_personal(const struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (person_loses(t, &t->column[i]))
			return true;
	return false;
}

enum db_result
rows_erase(struct db *db, const struct found *f, struct counted *counted)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		for (int kind = ERASED_ID; rc == DB_OK && kind <= ERASED_HAD;
		     kind++)
			if (has_personal(t) &&
			    (kind == ERASED_ID ? t->npersons : t->naddresses) >
				0)
				rc = erase_kind(
				    db, f, counted, t, (enum erased_kind)kind);
	return rc;
}
