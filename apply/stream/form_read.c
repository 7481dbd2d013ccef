/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "assign.h"
#include "buf.h"
#include "cascade.h"
#include "form_read.h"
#include "memory.h"
#include "reach.h"
#include "tokens.h"

/* Statements that take a parent's descendants along. */
struct cascades {
	struct cascade {
		char *sql;
		const char *parent;
	} * cascade;
	size_t n;
};

/* The table that the token names, if the stream may write it. */
static const struct table *
table_named(const struct tokens *t)
{
	char name[COLUMN_NAME_SIZE];
	const struct table *table;

	if (!tokens_name(t, name, sizeof name))
		return NULL;
	table = catalogue_table(name);
	return table != NULL && !table->is_private ? table : NULL;
}

static bool
is_known_name(const struct tokens *t)
{
	char name[COLUMN_NAME_SIZE];

	return table_named(t) != NULL || (tokens_name(t, name, sizeof name) &&
					     catalogue_column(name) != NULL);
}

/* The words of row changes.  COALESCE is the one that calls something. */
static bool
is_known_word(const struct tokens *t)
{
	static const char *const words[] = {"AND", "COALESCE", "CONFLICT",
	    "DELETE", "DO", "EXISTS", "FROM", "INSERT", "INTO", "NOT",
	    "NOTHING", "ON", "OR", "SELECT", "SET", "UPDATE", "VALUES", "WHERE",
	    "excluded"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (tokens_is(t, words[i]))
			return true;
	return false;
}

/*
 * A dollar sign and digits, and no word before or behind: a name may have
 * dollar signs in it, and SQLite's parameters may go on with a word.  There is
 * always something before it.
 */
static bool
is_mark(const struct tokens *t)
{
	if (isalnum((unsigned char)t->token[-1]))
		return false;
	for (size_t i = 1; i < t->len; i++)
		if (!isdigit((unsigned char)t->token[i]))
			return false;
	return true;
}

/* INSERT INTO "t", DELETE FROM "t" or UPDATE "t"; leaves t behind the table. */
static const char *
read_start(struct form *f, struct tokens *t)
{
	static const struct {
		const char *verb, *before;
	} start[] = {[VERB_INSERT] = {"INSERT", "INTO"},
	    [VERB_DELETE] = {"DELETE", "FROM"},
	    [VERB_UPDATE] = {"UPDATE", NULL}};

	if (!tokens_next(t))
		return "empty statement";
	while (!tokens_is(t, start[f->verb].verb))
		if (f->verb++ == VERB_UPDATE)
			return "neither INSERT, UPDATE nor DELETE";
	if (start[f->verb].before != NULL &&
	    (!tokens_next(t) || !tokens_is(t, start[f->verb].before)))
		return "INSERT without INTO, or DELETE without FROM";
	if (!tokens_next(t) || (f->table = table_named(t)) == NULL)
		return "not a table that events change";
	f->rest = t->p;
	return NULL;
}

static const char *
check_words(struct tokens t)
{
	const char *why = NULL;
	bool name = false;    /* was the last token one that '(' would call? */
	bool mark = false;    /* or to which SQLite takes all up to ')'? */
	bool operand = false; /* and one that a name would rename? */

	while (why == NULL && tokens_next(&t)) {
		if (*t.token == '"' && !is_known_name(&t))
			why = "a name that is not in the catalogue";
		else if (isalpha((unsigned char)*t.token) && !is_known_word(&t))
			why = "a word that row changes don't need";
		else if (*t.token == '$' && !is_mark(&t))
			why = "a literal and a word in one";
		else if (strchr("\"$(),.=<>", *t.token) == NULL &&
			 !isalpha((unsigned char)*t.token))
			why = "punctuation that row changes don't need";
		else if (name && *t.token == '(')
			why = "a function call";
		else if (mark && *t.token == '(')
			why = "a literal and what is behind it in one";
		else if (operand && *t.token == '"')
			why = "another name for something";
		else if (operand && *t.token == '$')
			why = "a literal and what is before it in one";
		name = *t.token == '"';
		mark = *t.token == '$';
		operand = name || mark || *t.token == ')';
	}
	return why;
}

/* Adds the statements that take descendants along, from this parent on. */
static void
add_cascades(struct cascades *c, const struct table *parent)
{
	struct statement s = {0};
	struct buf sql = {0};
	const char *text;

	cascade_delete(&sql, parent, "''", 2);
	text = buf_str(&sql); /* also of none */
	for (size_t at = 0; statement_read(&s, text + at, sql.len - at);
	     at += s.size) {
		struct cascade *more;

		c->cascade =
		    memory_more(c->cascade, c->n + 1, sizeof *c->cascade);
		more = &c->cascade[c->n++];
		more->sql = strndup(s.sql.p, s.sql.len);
		if (more->sql == NULL)
			memory_out();
		more->parent = parent->name;
	}
	statement_release(&s);
	buf_free(&sql);
}

/*
 * Whose descendants the statement takes along, or NULL: one that wos-decode
 * writes after a parent's tombstone.
 */
static const char *
cascade_of(const char *sql)
{
	static struct cascades c; /* as long as the program */
	size_t ntables;
	const struct table *t = catalogue_tables(&ntables);

	if (c.n == 0)
		for (; ntables > 0; ntables--, t++)
			add_cascades(&c, t);
	for (size_t i = 0; i < c.n; i++)
		if (strcmp(c.cascade[i].sql, sql) == 0)
			return c.cascade[i].parent;
	return NULL;
}

/* Is it wos-decode's note that the object before may be an orphan? */
static bool
is_note(const char *sql)
{
	static const char start[] =
	    ORPHAN_INSERT "SELECT $1,$2,$3,$4,$5,$6,$7" ORPHAN_NOTE;

	return strncmp(sql, start, sizeof start - 1) == 0;
}

/* Are all parentheses that are opened closed again? */
static bool
is_balanced(const char *p, const char *end)
{
	int depth = 0;

	for (; p < end && depth >= 0; p++)
		depth += (*p == '(') - (*p == ')');
	return depth == 0;
}

/*
 * Is it an UPDATE that changes nothing where no item of a list is kept?  Of a
 * WHERE without OR, EXISTS (...) is the last condition.
 */
static bool
needs_item(const struct form *f, const char *sql)
{
	static const char item[] =
	    " AND EXISTS (SELECT \"id\" FROM \"listed_object\" WHERE ";
	const char *where = strstr(sql, " WHERE "), *at = strstr(sql, item);
	const char *end = sql + f->len - 1; /* the last parenthesis */

	return f->verb == VERB_UPDATE && at != NULL && where < at &&
	       strstr(sql, "OR") == NULL && is_balanced(sql, where) &&
	       is_balanced(where, at) && *end == ')' &&
	       is_balanced(at + sizeof item - 1, end);
}

/* Where the word stands outside of parentheses, or NULL. */
static const char *
find_word(const struct form *f, const char *from, const char *word)
{
	struct tokens t = {from, f->query.sql + f->len, from, 0};
	int depth = 0;

	while (from != NULL && depth >= 0 && tokens_next(&t)) {
		if (depth == 0 && tokens_is(&t, word))
			return t.token;
		depth += tokens_is(&t, "(") - tokens_is(&t, ")");
	}
	return NULL;
}

static size_t
count_marks(const char *from, const char *to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += *from == '$';
	return n;
}

/* Takes an INSERT of one row apart from its condition: see form.h. */
static void
take_apart(struct form *f)
{
	const char *sql = f->query.sql, *end = sql + f->len;
	const char *select = find_word(f, f->rest, "SELECT");
	const char *where = find_word(f, select, "WHERE");
	const char *conflict = find_word(f, where, "ON");
	struct buf condition = {0}, row = {0};

	if (f->verb != VERB_INSERT || conflict == NULL ||
	    find_word(f, select, "FROM") != NULL ||
	    count_marks(conflict, end) > 0)
		return;
	buf_printf(&condition, "SELECT 1 %.*s", (int)(conflict - where), where);
	buf_add(&row, sql, (size_t)(select - sql));
	select += strlen("SELECT");
	buf_printf(
	    &row, "VALUES (%.*s) %s", (int)(where - select), select, conflict);
	f->condition.sql = buf_str(&condition);
	f->row.sql = buf_str(&row);
	f->nrow = count_marks(sql, where);
}

static const char *
read_form(struct form *f, const char *sql)
{
	struct tokens t = {sql, sql + f->len, sql, 0};
	const char *why = read_start(f, &t);

	f->cascade = cascade_of(sql);
	f->orphan_note = is_note(sql);
	if (why == NULL && strcmp(f->table->name, "orphan") == 0)
		f->rows = OF_ORPHANS;
	else if (why == NULL && strcmp(f->table->name, "listed_object") == 0)
		f->rows = OF_ITEMS;
	f->needs_item =
	    why == NULL && ((f->rows == OF_ITEMS && f->verb != VERB_INSERT) ||
			       needs_item(f, sql));
	if (why == NULL && f->cascade == NULL) /* only that may say IN */
		why = check_words(t);
	if (why == NULL && f->cascade == NULL)
		why = assign_read(f, t);
	if (why == NULL && f->cascade == NULL)
		why = reach_read(f, t);
	if (why == NULL && f->copies)
		why = "a copy of a text that a table has";
	if (why == NULL)
		take_apart(f);
	return why;
}

struct form *
form_read(const char *sql, size_t len)
{
	struct form *f = memory_new(1, sizeof *f);
	char *copy = memory_new(len + 1, 1);

	memcpy(copy, sql, len);
	f->query = (struct query){.sql = copy, .form = f};
	f->len = len;
	pattern_init(&f->pattern, copy, len);
	f->why = read_form(f, copy);
	return f;
}

void
form_free(struct form *f)
{
	if (f == NULL)
		return;
	free((void *)f->query.sql);
	free((void *)f->condition.sql);
	free((void *)f->row.sql);
	free(f);
}

const struct form *
form_of(const struct query *q, struct form **own)
{
	*own = NULL;
	if (q->form != NULL || !q->shown)
		return q->form;
	return *own = form_read(q->sql, strlen(q->sql));
}
