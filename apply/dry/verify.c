/* SPDX-License-Identifier: MIT */
/*
 * Lists against rows.  An item leaves its key in listed_object with the time of
 * its list: so what a list lacks is known when its end comes, and nothing is
 * kept here but counts.
 */
#include <inttypes.h>
#include <string.h>

#include "change/row.h"
#include "gone.h"
#include "lists.h"
#include "log.h"
#include "memory.h"
#include "verify.h"

/*
 * Rows that one list lacks, at most: the rest is not told, which is said.
 * wos-fetch --gone asks for so many in some twenty minutes.
 */
#define MISSING_MAX 100000

/* Bytes of an id in a path of the API; WorkOS's have some 32. */
#define PATH_ID_MAX 512

struct verify {
	const struct table *tables;
	size_t ntables;
	bool parked; /* something, so that no list is known to be whole */
};

struct verify *
verify_new(void)
{
	struct verify *v = memory_new(1, sizeof *v);

	v->tables = catalogue_tables(&v->ntables);
	if (v->ntables > TALLY_TABLES_MAX)
		log_errx(1, "catalogue: more than %d tables", TALLY_TABLES_MAX);
	return v;
}

bool
verify_looks(struct verify *v, const struct form *f)
{
	const struct table *t = f->table;

	if (t == NULL || f->verb != VERB_INSERT)
		return false;
	if (strcmp(t->name, "parked_event") == 0)
		v->parked = true;
	if (f->why != NULL || !f->by_key)
		return false;
	return table_is_listed(t) || strcmp(t->name, "listed") == 0;
}

void
verify_row(struct verify *v, struct told *told, const struct table *t,
    const struct value *before, const struct value *after)
{
	if (before != NULL && row_is(told, t, before, after)) {
		told->tally.same[t - v->tables]++;
		return;
	}
	buf_puts(&told->text, "\t\t");
	tell_row(told, t, before, after);
}

/* Adds a value to a path.  Returns false if it would need escapes. */
static bool
add_id(struct buf *out, const struct value *id)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	if (id->type != VALUE_TEXT || id->len == 0 || id->len > PATH_ID_MAX)
		return false;
	for (size_t i = 0; i < id->len; i++)
		if (memchr(plain, id->text[i], sizeof plain - 1) == NULL)
			return false;
	buf_add(out, id->text, id->len);
	return true;
}

/* Where the API has the object; nothing, if it can't be asked for. */
static void
add_path(struct buf *out, const struct table *t, const struct value *row)
{
	const struct item_fact *get = item_any(t, ITEM_GET);
	const char *p = get != NULL ? get->name : "";
	char name[COLUMN_NAME_SIZE];
	size_t begin = out->len, len;
	const struct column *c;

	while (*p != '\0') {
		len = strcspn(p, "{");
		buf_add(out, p, len);
		p += len;
		if (*p == '\0')
			break;
		len = strcspn(++p, "}");
		snprintf(name, sizeof name, "%.*s", (int)len, p);
		p += len + (p[len] == '}');
		c = table_column(t, name);
		if (c == NULL || !add_id(out, &row[c - t->column])) {
			out->len = begin;
			return;
		}
	}
}

struct missing {
	struct told *told;
	int64_t listed_at;
	const struct table *table;
	size_t n;
};

static void
tell_missing(void *arg, const struct value *row, size_t n)
{
	struct missing *m = arg;
	bool ended = item_any(m->table, ITEM_ABSENT) != NULL;

	(void)n;
	m->n++;
	if (!ended)
		add_path(&m->told->text, m->table, row);
	buf_putc(&m->told->text, '\t');
	if (!ended)
		gone_line(&m->told->text, m->table, row, m->listed_at);
	buf_putc(&m->told->text, '\t');
	tell_signed(m->told, ended ? '!' : '-', m->table, row, NULL);
}

/* Rows of the list's that are older than it, $1, and that it did not have. */
static void
add_question(struct buf *sql, const struct table *t)
{
	const struct column *by = table_listed_by(t);
	const char *part = "id";

	row_select(sql, t);
	buf_puts(sql, " WHERE \"event_at\"<$1");
	if (table_column(t, "created_at") != NULL)
		buf_puts(sql, " AND COALESCE(\"created_at\",0)<$1");
	if (by != NULL)
		buf_printf(sql, " AND \"%s\"=$2", by->name);
	buf_printf(sql,
	    " AND NOT EXISTS (SELECT 1 FROM \"listed_object\" WHERE "
	    "\"object\"='%s'",
	    t->name);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(sql,
			    " AND \"listed_object\".\"%s\"=\"%s\".\"%s\"", part,
			    t->name, t->column[i].name);
			part = "sub_id";
		}
	buf_printf(sql, " AND \"listed_at\">=$1) LIMIT %d", MISSING_MAX);
	buf_str(sql);
}

/* The value that the statement has for a column of `listed`. */
static struct value
value_of(const struct form *f, const struct value *value, const char *column)
{
	const struct column *c = table_column(f->table, column);
	unsigned char mark = f->mark[c - f->table->column];

	return mark > 0 ? value[mark - 1] : value_text(NULL);
}

enum db_result
verify_list(struct verify *v, struct told *told, struct db *inner,
    const struct form *f, const struct db_place *at, const struct value *value)
{
	const struct db_place here = {at->group, at->line, false};
	struct value of = value_of(f, value, "object");
	struct value given[2] = {
	    value_of(f, value, "listed_at"), value_of(f, value, "parent")};
	struct missing m = {.told = told, .listed_at = given[0].i};
	struct buf text = {0};
	struct query q = {.whole = true};
	enum db_result rc = DB_OK;

	if (of.type != VALUE_TEXT || given[0].type != VALUE_INT)
		return DB_OK;
	buf_add(&text, of.text, of.len);
	m.table = catalogue_table(buf_str(&text));
	buf_clear(&text);
	if (m.table != NULL && table_is_listed(m.table) && !v->parked) {
		told->tally.lists[m.table - v->tables]++;
		add_question(&text, m.table);
		q.sql = text.p;
		rc = inner->ops->ask(inner, &here, &q, given,
		    table_listed_by(m.table) != NULL ? 2 : 1, tell_missing, &m);
		db_forget(inner, &q);
	}
	if (m.n == MISSING_MAX)
		log_warnx("%s: a list lacks more than %d rows", m.table->name,
		    MISSING_MAX);
	buf_free(&text);
	return rc;
}

void
verify_totals(const struct verify *v, const struct told *told, FILE *out)
{
	for (size_t i = 0; i < v->ntables; i++)
		if (table_is_listed(&v->tables[i]))
			fprintf(out, "= %s %" PRIu64 " %" PRIu64 "\n",
			    v->tables[i].name, told->tally.same[i],
			    told->tally.lists[i]);
}
