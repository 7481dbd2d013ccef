/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "erase/rows.h"
#include "forget/person.h"

/*
 * Each change is a transaction, so that others have their turn; but where a
 * commit is a request, so many statements are one: each may look at a whole
 * table, and D1 has 30 seconds for it.
 */
#define STATEMENTS_AT_ONCE 20

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

/* SELECT DISTINCT "id","email" FROM "user" WHERE */
static void
add_question(struct buf *sql, const struct table *t)
{
	size_t n = t->npersons + t->naddresses;

	for (size_t i = 0; i < n; i++)
		buf_printf(sql, "%s\"%s\"", i > 0 ? "," : "SELECT DISTINCT ",
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
 * The column has the address that is this mark; of JSON, where it may be
 * anything in there.  The database changes the letters of both, so that they
 * are alike where their hashes are.
 */
static void
add_is_address(
    struct buf *sql, const struct db *db, const struct column *c, size_t mark)
{
	const char *ascii = db->ops->ascii;

	if (mark > 1)
		buf_puts(sql, " OR ");
	if (c->type == TYPE_JSON)
		buf_printf(sql,
		    "REPLACE(LOWER(CAST(\"%s\" AS TEXT)%s),"
		    "LOWER($%zu%s),'')<>LOWER(CAST(\"%s\" AS TEXT)%s)",
		    c->name, ascii, mark, ascii, c->name, ascii);
	else
		buf_printf(sql, "LOWER(\"%s\"%s)=LOWER($%zu%s)", c->name, ascii,
		    mark, ascii);
}

static void
add_has_address(struct buf *sql, const struct db *db, const struct table *t)
{
	for (size_t i = 0; i < t->naddresses; i++)
		add_is_address(sql, db, t->address[i], i + 1);
}

#define IDS (1U << ERASED_ID)
#define ADDRESSES (1U << ERASED_ADDRESS | 1U << ERASED_HAD)

/* A statement about each text of these kinds, which are all of its values. */
struct each {
	unsigned kinds;
	struct buf sql;
	size_t marks;
	db_row_fn *row; /* of a question, */
	void *arg;
	int64_t *changed; /* or what a change is added to */
};

static enum db_result
run_one(struct db *db, const struct each *e, const struct query *q,
    const struct found_text *t)
{
	static const struct db_place nowhere = {.group = DB_NOWHERE};
	struct value value[DB_MAX_COLUMNS];

	for (size_t i = 0; i < e->marks; i++)
		value[i] = value_bytes(t->text, t->len);
	if (e->row == NULL)
		return db_run(db, q, value, e->marks, e->changed);
	if (!db->ops->at_once)
		return db_select(db, q, value, e->marks, e->row, e->arg);
	return db->ops->look(db, &nowhere, q, value, e->marks, e->row, e->arg);
}

/* What the rows add to what was found is not asked about here. */
static enum db_result
run_each(struct db *db, const struct found *f, struct each *e)
{
	const bool begins = e->row == NULL || db->ops->at_once;
	const size_t most = db->ops->at_once ? STATEMENTS_AT_ONCE : 1,
		     all = f->n;
	const struct query q = {.sql = buf_str(&e->sql), .whole = true};
	enum db_result rc = DB_OK;
	size_t n = 0;

	for (size_t i = 0; rc == DB_OK && i < all; i++) {
		if ((e->kinds & 1U << f->text[i].kind) == 0)
			continue;
		if (n++ == 0 && begins)
			rc = db_begin(db);
		if (rc == DB_OK)
			rc = run_one(db, e, &q, &f->text[i]);
		if (rc == DB_OK && n == most) {
			rc = begins ? db_end(db, rc) : rc;
			n = 0;
		}
	}
	if (n > 0 && begins)
		rc = db_end(db, rc);
	db_forget(db, &q);
	buf_free(&e->sql);
	return rc;
}

static enum db_result
ask_each(struct db *db, struct found *f, const struct table *t, bool ids)
{
	struct asking a = {.found = f, .table = t};
	struct each e = {.kinds = ids ? IDS : ADDRESSES,
	    .marks = ids ? t->npersons : t->naddresses,
	    .row = ids ? take_addresses : take_ids,
	    .arg = &a};

	add_question(&e.sql, t);
	if (ids)
		add_has_id(&e.sql, t);
	else
		add_has_address(&e.sql, db, t);
	return found_asked(f, run_each(db, f, &e));
}

enum db_result
rows_find_ids(struct db *db, struct found *f)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		if (person_has_table(t) && t->naddresses > 0)
			rc = ask_each(db, f, t, false);
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
			rc = ask_each(db, f, t, true);
	return rc;
}

/*
 * The row has the address that is $1; one that they had counts as another's
 * where the row is about somebody by id.  Returns how many marks there are.
 */
static size_t
add_tells_address(
    struct buf *sql, const struct db *db, const struct table *t, bool had)
{
	size_t marks = 0;

	for (size_t i = 0; i < t->naddresses; i++) {
		if (t->address[i]->type == TYPE_JSON)
			continue;
		add_is_address(sql, db, t->address[i], ++marks);
		for (size_t j = 0; had && j < t->npersons; j++)
			buf_printf(
			    sql, " AND \"%s\" IS NULL", t->person[j]->name);
	}
	for (size_t i = 0; i < t->nothers; i++)
		add_is_address(sql, db, t->other[i], ++marks);
	return marks;
}

/* WHERE it is theirs, and has something to lose. */
static size_t
add_theirs(struct buf *sql, const struct db *db, const struct table *t,
    enum erased_kind kind)
{
	size_t marks = t->npersons, n = 0;

	buf_puts(sql, " WHERE (");
	if (kind == ERASED_ID)
		add_has_id(sql, t);
	else
		marks = add_tells_address(sql, db, t, kind == ERASED_HAD);
	buf_puts(sql, ")");
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

/* The rows of a table that one kind of what was found tells. */
static enum db_result
erase_kind(struct db *db, struct found *f, struct counted *counted,
    const struct table *t, enum erased_kind kind)
{
	struct telling telling = {counted, t};
	struct each e = {.kinds = 1U << kind,
	    .row = counted->dry ? tell_row : NULL,
	    .arg = &telling,
	    .changed = counted_at(counted, t)};

	if (counted->dry)
		add_select(&e.sql, t);
	else
		add_update(&e.sql, t);
	e.marks = add_theirs(&e.sql, db, t, kind);
	return found_asked(f, run_each(db, f, &e));
}

static bool
has_personal(const struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (person_loses(t, &t->column[i]))
			return true;
	return false;
}

/* People's own rows tell whose an address is. */
static bool
is_due(const struct table *t, enum erased_kind kind, enum erase_step step)
{
	if (!has_personal(t) ||
	    (kind == ERASED_ID ? t->npersons : t->naddresses + t->nothers) == 0)
		return false;
	if (step == ERASE_ALL || kind == ERASED_HAD)
		return step == ERASE_ALL || step == ERASE_TOLD;
	return step == (person_has_table(t) ? ERASE_NAMED : ERASE_IDS);
}

enum db_result
rows_erase(struct db *db, struct found *f, struct counted *counted,
    enum erase_step step)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		for (int kind = ERASED_ID; rc == DB_OK && kind <= ERASED_HAD;
		     kind++)
			if (is_due(t, (enum erased_kind)kind, step))
				rc = erase_kind(
				    db, f, counted, t, (enum erased_kind)kind);
	return rc;
}
