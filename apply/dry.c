#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "catalogue.h"
#include "dry.h"
#include "log.h"
#include "utf8.h"

/* A row, copied: a text's bytes are in `text`, where `at` says. */
struct row {
	bool found;
	struct value value[DB_MAX_COLUMNS];
	size_t at[DB_MAX_COLUMNS];
	struct buf text;
};

struct dry {
	struct db db;
	struct db *inner;
	FILE *out;
	bool json;
	struct buf told;      /* what is told once the batch is whole */
	size_t mark;          /* how much of it was there before the group */
	enum db_result ended; /* if the transaction is gone */
	struct row old, new;
};

/* What a statement of the stream is about. */
struct change {
	const struct table *table;
	struct buf where; /* finds its rows, with the statement's values */
	struct value value[DB_MAX_COLUMNS];
	size_t nvalues;
};

static enum db_result
pass_on(struct dry *d, enum db_result rc)
{
	if (rc != DB_OK) {
		memcpy(d->db.why, d->inner->why, sizeof d->db.why);
		d->db.failed = d->db.here;
	}
	return rc;
}

static enum db_result
inner_run(struct dry *d, const char *sql)
{
	struct query q = {.sql = sql};
	enum db_result rc = db_run(d->inner, &q, NULL, 0, NULL);

	if (rc == DB_OK)
		rc = db_sync(d->inner);
	db_forget(d->inner, &q);
	return pass_on(d, rc);
}

/* Understanding a statement. */

/* The table that is named at p, in quotes. */
static const struct table *
table_at(const char *p)
{
	char name[COLUMN_NAME_SIZE];
	size_t len = strcspn(p + 1, "\"");

	if (*p != '"' || len >= sizeof name)
		return NULL;
	memcpy(name, p + 1, len);
	name[len] = '\0';
	return catalogue_table(name);
}

static const char *
skip_name(const char *p)
{
	return strchr(p + 1, '"') + 1;
}

/* Are the values that follow "$1,$2 ..." for n columns, and nothing else? */
static bool
values_are_plain(const char *p, size_t n)
{
	char want[8];

	p += strspn(p, " ");
	if (strncmp(p, "SELECT ", 7) == 0)
		p += 7;
	else if (strncmp(p, "VALUES (", 8) == 0)
		p += 8;
	else
		return false;
	for (size_t i = 1; i <= n; i++) {
		snprintf(want, sizeof want, "$%zu", i);
		if (strncmp(p, want, strlen(want)) != 0)
			return false;
		p += strlen(want);
		if (i < n && *p++ != ',')
			return false;
	}
	return *p < '0' || *p > '9'; /* $1 is not $12 */
}

/* INSERT INTO "t" ("c",...) ...: the row is found by the key's values. */
static bool
read_insert(struct change *c, const char *p, const struct value *value)
{
	const char *name;
	size_t n = 0;

	c->table = table_at(p);
	p = skip_name(p);
	p += strspn(p, " ");
	if (c->table == NULL || *p++ != '(')
		return false;
	for (;; n++) {
		const struct column *column = NULL;

		for (size_t i = 0; i < c->table->ncolumns; i++) {
			name = c->table->column[i].name;
			if (strncmp(p + 1, name, strlen(name)) == 0 &&
			    p[1 + strlen(name)] == '"')
				column = &c->table->column[i];
		}
		if (column == NULL)
			return false;
		if (column->key) {
			buf_printf(&c->where, "%s\"%s\"=$%zu",
			    c->nvalues ? " AND " : " WHERE ", column->name,
			    c->nvalues + 1);
			c->value[c->nvalues++] = value[n];
		}
		p = skip_name(p);
		if (*p++ != ',')
			break;
	}
	return p[-1] == ')' && c->nvalues > 0 && values_are_plain(p, n + 1);
}

/* Returns false if the rows that it changes can't be told in advance. */
static bool
read_change(struct change *c, const char *sql, const struct value *value,
    size_t nvalues)
{
	if (strncmp(sql, "INSERT INTO ", 12) == 0)
		return read_insert(c, sql + 12, value);
	if (strncmp(sql, "DELETE FROM ", 12) != 0 || nvalues > DB_MAX_COLUMNS)
		return false;
	c->table = table_at(sql + 12);
	buf_puts(&c->where, skip_name(sql + 12));
	memcpy(c->value, value, nvalues * sizeof *value);
	c->nvalues = nvalues;
	return c->table != NULL;
}

/* Telling. */

/* The table of what wos-apply itself puts in and takes out. */
static bool
is_parked(const struct table *t)
{
	return strcmp(t->name, "parked_event") == 0;
}

/* A value as JSON; SQLite's booleans are numbers. */
static void
tell_value(struct buf *out, const struct value *v, enum column_type type)
{
	size_t n;

	if (v->type == VALUE_NULL) {
		buf_puts(out, "null");
	} else if (v->type == VALUE_INT && type != TYPE_BOOL) {
		buf_printf(out, "%" PRId64, v->i);
	} else if (v->type != VALUE_TEXT) {
		buf_puts(out, v->i ? "true" : "false");
	} else {
		buf_putc(out, '"');
		for (size_t i = 0; i < v->len; i += n) {
			unsigned char c = (unsigned char)v->text[i];

			n = utf8_length(v->text + i, v->len - i);
			if (c == '"' || c == '\\')
				buf_printf(out, "\\%c", c);
			else if (c < 0x20 || c == 0x7F)
				buf_printf(out, "\\u%04x", c);
			else if (n == 0)
				buf_puts(out, UTF8_REPLACEMENT);
			else
				buf_add(out, v->text + i, n);
			n = n ? n : 1;
		}
		buf_putc(out, '"');
	}
}

static bool
same(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == VALUE_TEXT)
		return a->len == b->len &&
		       memcmp(a->text, b->text, a->len) == 0;
	return a->i == b->i;
}

/* The columns to tell: not the key, which stands first, nor an event's line. */
static bool
is_told(const struct table *t, const struct column *c)
{
	return !c->key && !c->now && strcmp(c->name, "event_payload") != 0 &&
	       (strcmp(c->name, "text") != 0 || !is_parked(t));
}

static void
tell_head(
    struct dry *d, char sign, const struct table *t, const struct value *row)
{
	struct buf *out = &d->told;
	const char *sep = d->json ? "" : " ";

	if (d->json)
		buf_printf(out, "{\"change\":\"%c\",\"table\":\"%s\",\"key\":[",
		    sign, t->name);
	else
		buf_printf(out, "%c %s", sign, t->name);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_puts(out, sep);
			tell_value(out, &row[i], t->column[i].type);
			sep = d->json ? "," : " ";
		}
	if (d->json)
		buf_putc(out, ']');
}

/* "old":{...} of the columns that differ, or that are not null. */
static void
tell_side(struct dry *d, const char *side, const struct table *t,
    const struct value *row, const struct value *other)
{
	const char *comma = "";

	buf_printf(&d->told, ",\"%s\":{", side);
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (!is_told(t, &t->column[i]) ||
		    (other != NULL && same(&row[i], &other[i])) ||
		    (other == NULL && row[i].type == VALUE_NULL))
			continue;
		buf_printf(&d->told, "%s\"%s\":", comma, t->column[i].name);
		tell_value(&d->told, &row[i], t->column[i].type);
		comma = ",";
	}
	buf_putc(&d->told, '}');
}

/* One row before and after; either may be NULL. */
static void
tell_row(struct dry *d, const struct table *t, const struct value *old,
    const struct value *new)
{
	char sign = old == NULL ? '+' : new == NULL ? '-' : '~';

	tell_head(d, sign, t, new ? new : old);
	if (d->json && old != NULL && sign == '~')
		tell_side(d, "old", t, old, new);
	if (d->json && new != NULL)
		tell_side(d, "new", t, new, old);
	for (size_t i = 0; !d->json && new != NULL &&i < t->ncolumns; i++) {
		if (!is_told(t, &t->column[i]) ||
		    (old != NULL && same(&old[i], &new[i])) ||
		    (old == NULL && new[i].type == VALUE_NULL))
			continue;
		buf_printf(&d->told, " %s=", t->column[i].name);
		if (old != NULL) {
			tell_value(&d->told, &old[i], t->column[i].type);
			buf_puts(&d->told, "->");
		}
		tell_value(&d->told, &new[i], t->column[i].type);
	}
	buf_puts(&d->told, d->json ? "}\n" : "\n");
}

static void
tell_unknown(struct dry *d, const char *sql)
{
	struct value v = value_bytes(sql, strlen(sql));

	if (d->json)
		buf_puts(&d->told, "{\"change\":\"?\",\"statement\":");
	else
		buf_puts(&d->told, "? ");
	tell_value(&d->told, &v, TYPE_TEXT);
	buf_puts(&d->told, d->json ? "}\n" : "\n");
}

/* Looking. */

static enum db_result
look(struct dry *d, const struct change *c, db_row_fn *row, void *arg)
{
	struct buf sql = {0};
	struct query q;
	enum db_result rc;

	for (size_t i = 0; i < c->table->ncolumns; i++)
		buf_printf(&sql, "%s\"%s\"", i ? "," : "SELECT ",
		    c->table->column[i].name);
	buf_printf(&sql, " FROM \"%s\"", c->table->name);
	buf_add(&sql, c->where.p, c->where.len);
	q = (struct query){.sql = buf_str(&sql)};
	rc = db_select(d->inner, &q, c->value, c->nvalues, row, arg);
	db_forget(d->inner, &q);
	buf_free(&sql);
	return rc;
}

static void
copy_row(void *arg, const struct value *value, size_t n)
{
	struct row *r = arg;

	r->found = true;
	buf_clear(&r->text);
	for (size_t i = 0; i < n; i++) {
		r->value[i] = value[i];
		r->at[i] = r->text.len;
		if (value[i].type == VALUE_TEXT)
			buf_add(&r->text, value[i].text, value[i].len);
	}
	for (size_t i = 0; i < n; i++)
		if (value[i].type == VALUE_TEXT)
			r->value[i].text = buf_str(&r->text) + r->at[i];
}

struct removal {
	struct dry *dry;
	const struct table *table;
	int64_t told;
};

static void
tell_removed(void *arg, const struct value *row, size_t n)
{
	struct removal *r = arg;

	(void)n;
	r->told++;
	tell_row(r->dry, r->table, row, NULL);
}

/* An INSERT is about one row, which may have been there: its key's. */
static enum db_result
dry_insert(struct dry *d, const struct change *c, struct query *q,
    const struct value *value, size_t nvalues)
{
	const struct table *t = c->table;
	enum db_result rc;
	int64_t changed;
	bool differs = false;

	d->old.found = d->new.found = false;
	rc = look(d, c, copy_row, &d->old);
	if (rc == DB_OK)
		rc = db_run(d->inner, q, value, nvalues, &changed);
	if (rc == DB_OK)
		rc = look(d, c, copy_row, &d->new);
	if (rc == DB_OK && changed > d->new.found) /* of another key, too */
		tell_unknown(d, q->sql);
	if (rc != DB_OK || !d->new.found)
		return rc;
	for (size_t i = 0; d->old.found && i < t->ncolumns; i++)
		differs |= !same(&d->old.value[i], &d->new.value[i]);
	if (!d->old.found || differs)
		tell_row(
		    d, t, d->old.found ? d->old.value : NULL, d->new.value);
	return DB_OK;
}

/* A DELETE is about the rows that it finds. */
static enum db_result
dry_delete(struct dry *d, const struct change *c, struct query *q,
    const struct value *value, size_t nvalues)
{
	struct removal r = {.dry = d, .table = c->table};
	enum db_result rc = look(d, c, tell_removed, &r);
	int64_t changed;

	if (rc == DB_OK)
		rc = db_run(d->inner, q, value, nvalues, &changed);
	if (rc == DB_OK && changed != r.told)
		tell_unknown(d, q->sql);
	return rc;
}

/* Runs a statement, and tells what it has changed. */
static enum db_result
dry_change(
    struct dry *d, struct query *q, const struct value *value, size_t nvalues)
{
	struct change c = {0};
	enum db_result rc;
	int64_t changed;

	if (!read_change(&c, q->sql, value, nvalues)) {
		rc = db_run(d->inner, q, value, nvalues, &changed);
		if (rc == DB_OK && changed > 0)
			tell_unknown(d, q->sql);
	} else if (*q->sql == 'I') {
		rc = dry_insert(d, &c, q, value, nvalues);
	} else {
		rc = dry_delete(d, &c, q, value, nvalues);
	}
	buf_free(&c.where);
	return rc;
}

/* The database that it is for others. */

static enum db_result
dry_run(struct db *db, struct query *q, const struct value *value,
    size_t nvalues, int64_t *changed, db_row_fn *row, void *arg)
{
	struct dry *d = (struct dry *)db;
	enum db_result rc;

	if (q->foreign || q->told)
		return pass_on(d, dry_change(d, q, value, nvalues));
	rc = d->inner->ops->run(d->inner, q, value, nvalues, changed, row, arg);
	if (strcmp(q->sql, "SAVEPOINT wos") == 0)
		d->mark = d->told.len;
	else if (strcmp(q->sql, "ROLLBACK TO SAVEPOINT wos") == 0)
		d->told.len = d->mark;
	return pass_on(d, rc);
}

static enum db_result
dry_sync(struct db *db)
{
	struct dry *d = (struct dry *)db;

	return pass_on(d, db_sync(d->inner));
}

static void
dry_forget(struct db *db, struct query *q)
{
	db_forget(((struct dry *)db)->inner, q);
}

/* A batch is a savepoint in the one transaction that is taken back. */
static enum db_result
dry_begin(struct db *db)
{
	struct dry *d = (struct dry *)db;

	if (d->ended == DB_OK)
		return inner_run(d, "SAVEPOINT wos_batch");
	snprintf(db->why, sizeof db->why,
	    d->ended == DB_BUSY
		? "the connection was lost, and the dry run with it"
		: "a trigger has ended the transaction of the dry run");
	return d->ended;
}

static enum db_result
dry_commit(struct db *db)
{
	struct dry *d = (struct dry *)db;
	enum db_result rc = inner_run(d, "RELEASE SAVEPOINT wos_batch");

	if (d->told.len > 0) {
		fwrite(d->told.p, 1, d->told.len, d->out);
		fflush(d->out);
	}
	buf_clear(&d->told);
	return rc;
}

static void
dry_rollback(struct db *db)
{
	struct dry *d = (struct dry *)db;
	struct db saved = d->db;
	enum db_result rc = inner_run(d, "ROLLBACK TO SAVEPOINT wos_batch");

	/* Without the one around it, a savepoint's release would commit. */
	if (rc != DB_OK)
		d->ended = rc == DB_AGAIN ? DB_BUSY : DB_FAILED;
	else
		inner_run(d, "RELEASE SAVEPOINT wos_batch");
	d->db = saved;
	buf_clear(&d->told);
}

static void
dry_close(struct db *db)
{
	struct dry *d = (struct dry *)db;

	db_rollback(d->inner);
	db_close(d->inner);
	buf_free(&d->told);
	buf_free(&d->old.text);
	buf_free(&d->new.text);
	free(d);
}

static const struct db_ops dry_ops = {
    .run = dry_run,
    .sync = dry_sync,
    .forget = dry_forget,
    .close = dry_close,
    .begin = dry_begin,
    .commit = dry_commit,
    .rollback = dry_rollback,
};

static void
add_table(void *arg, const struct value *row, size_t n)
{
	struct buf *tables = arg, name = {0};

	(void)n;
	buf_add(&name, row[0].text, row[0].len);
	if (catalogue_table(buf_str(&name)) != NULL)
		buf_printf(tables, "%s%s", tables->len > 0 ? ", " : "",
		    buf_str(&name));
	buf_free(&name);
}

enum db_result
dry_owners(struct db *inner, struct buf *tables)
{
	struct query q = {.sql = inner->ops->owners};
	enum db_result rc = db_select(inner, &q, NULL, 0, add_table, tables);

	db_forget(inner, &q);
	return rc;
}

enum db_result
dry_open(struct db *inner, FILE *out, bool json, struct db **db)
{
	struct dry *d;
	enum db_result rc = db_begin(inner);

	if (rc != DB_OK)
		return rc;
	if ((d = calloc(1, sizeof *d)) == NULL)
		log_err(1, NULL);
	d->db.ops = &dry_ops;
	d->inner = inner;
	d->out = out;
	d->json = json;
	*db = &d->db;
	return DB_OK;
}
