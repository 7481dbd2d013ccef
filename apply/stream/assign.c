/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "assign.h"
#include "tokens.h"

struct assign {
	struct form *f;
	struct tokens t;
	struct target {
		enum fit fit;
		unsigned char *mark;
	} target[FORM_COLUMNS_MAX]; /* an INSERT's columns, in its order */
	size_t ntargets;
	char set[COLUMN_NAME_SIZE]; /* the column that SET is about, or "" */
	bool many;                  /* it may be about more than one row */
	size_t nconflicts;          /* that have been read */
	const char *why;
};

static enum fit
fit_of(const struct column *c)
{
	if (c->type == TYPE_BOOL)
		return FIT_BOOL;
	return c->type == TYPE_TIME || c->type == TYPE_INT ? FIT_NUMBER
							   : FIT_ANY;
}

/*
 * The fit of a column by its name: all tables agree, and form_read.c has
 * refused what no table has.
 */
static enum fit
fit_named(const struct tokens *t)
{
	char name[COLUMN_NAME_SIZE];
	const struct column *c = NULL;

	if (tokens_name(t, name, sizeof name))
		c = catalogue_column(name);
	return c != NULL ? fit_of(c) : FIT_ANY;
}

static void
refuse(struct assign *a, const char *why)
{
	if (a->why == NULL)
		a->why = why;
}

/* The number of the value that the token stands for, or 0. */
static size_t
mark_of(const struct tokens *t)
{
	unsigned long mark =
	    *t->token == '$' ? strtoul(t->token + 1, NULL, 10) : 0;

	return mark <= STATEMENT_MAX_VALUES ? mark : 0;
}

/* A token of what is assigned, which may be its value. */
static void
take_token(struct assign *a, enum fit fit)
{
	const struct tokens *t = &a->t;
	size_t mark = mark_of(t);

	if (*t->token == '$') {
		if (mark > 0)
			a->f->fit[mark - 1] = fit;
	} else if (tokens_is_name(t) && !tokens_is_qualifier(t) &&
		   fit_named(t) != fit) {
		refuse(a, "a column of another kind where a number belongs");
	}
}

/*
 * A token of a text that is assigned.  A text that the database has may be as
 * long as a group: a few bytes of the stream would fill a disk with copies. The
 * column may keep its own, and take what the row of the INSERT has.
 */
static void
take_text(struct assign *a, bool in_query, bool excluded)
{
	const struct tokens *t = &a->t;
	char name[COLUMN_NAME_SIZE];

	if (!tokens_is_name(t) || tokens_is_qualifier(t) || excluded)
		return;
	if (in_query || !tokens_name(t, name, sizeof name) ||
	    strcmp(name, a->set) != 0)
		a->f->copies = true;
}

/* Do the values of a query end here, and what it is about begin? */
static bool
ends_values(const struct tokens *t)
{
	return tokens_is(t, "FROM") || tokens_is(t, "WHERE");
}

/*
 * Reads what is assigned to one column, up to a comma, a closing parenthesis or
 * a word that are not part of it; of a query in it, only its values count.  The
 * number of a value that is all there is goes to *mark.  Returns true at a
 * comma.
 */
static bool
read_item(struct assign *a, enum fit fit, unsigned char *mark)
{
	size_t depth = 0, skipped = 0; /* the depth of what does not count */
	size_t query = 0;              /* that of a SELECT */
	bool excluded = false;         /* is that what the name belongs to? */

	for (size_t n = 0; tokens_next(&a->t); n++) {
		const struct tokens *t = &a->t;

		if (depth == 0 && (tokens_is(t, ",") || tokens_is(t, ")") ||
				      tokens_is(t, "ON") || ends_values(t)))
			return tokens_is(t, ",");
		if (mark != NULL)
			*mark = n == 0 ? (unsigned char)mark_of(t) : 0;
		if (tokens_is(t, "("))
			depth++;
		else if (tokens_is(t, ")")) {
			skipped = depth == skipped ? 0 : skipped;
			query = depth == query ? 0 : query;
			depth--;
		} else if (query == 0 && tokens_is(t, "SELECT"))
			query = depth;
		else if (skipped == 0 && ends_values(t))
			skipped = depth;
		else if (skipped == 0 && fit != FIT_ANY)
			take_token(a, fit);
		else if (skipped == 0)
			take_text(a, query > 0, excluded);
		excluded =
		    tokens_is(t, "excluded") || (excluded && tokens_is(t, "."));
	}
	return false;
}

/* The items of VALUES (...) or of SELECT, for the columns in their order. */
static void
read_items(struct assign *a)
{
	const struct target *to = a->target;
	bool more = true;

	while (more && a->why == NULL)
		if (to == a->target + a->ntargets)
			refuse(a, "more values than columns");
		else {
			more = read_item(a, to->fit, to->mark);
			to++;
		}
}

/* Where the form has the number of a column's value, or NULL. */
static unsigned char *
mark_named(struct form *f, const struct tokens *t)
{
	char name[COLUMN_NAME_SIZE];
	const struct column *c = NULL;

	if (tokens_name(t, name, sizeof name))
		c = table_column(f->table, name);
	return c != NULL && c - f->table->column < FORM_COLUMNS_MAX
		   ? &f->mark[c - f->table->column]
		   : NULL;
}

/* A column of an INSERT; the database refuses what the table does not have. */
static void
add_target(struct assign *a)
{
	struct target *to = &a->target[a->ntargets];

	if (a->ntargets++ == FORM_COLUMNS_MAX) {
		refuse(a, "more columns than a table has");
		return;
	}
	to->fit = fit_named(&a->t);
	to->mark = mark_named(a->f, &a->t);
}

/* ("a","b") after INSERT INTO "t", whose columns may be in another order. */
static void
read_columns(struct assign *a)
{
	if (!tokens_next(&a->t) || !tokens_is(&a->t, "("))
		refuse(a, "INSERT without its columns");
	while (a->why == NULL && tokens_next(&a->t) && !tokens_is(&a->t, ")"))
		if (!tokens_is(&a->t, ","))
			add_target(a);
}

static void
read_rows(struct assign *a)
{
	size_t n = 0;

	do {
		if (!tokens_next(&a->t) || !tokens_is(&a->t, "("))
			refuse(a, "VALUES without parentheses");
		else
			read_items(a);
		a->many = n++ > 0;
	} while (a->why == NULL && tokens_next(&a->t) && tokens_is(&a->t, ","));
}

static void
read_insert(struct assign *a)
{
	read_columns(a);
	if (a->why != NULL)
		return;
	if (!tokens_next(&a->t))
		refuse(a, "INSERT without VALUES or SELECT");
	else if (tokens_is(&a->t, "VALUES"))
		read_rows(a);
	else if (tokens_is(&a->t, "SELECT")) {
		read_items(a);
		a->many = tokens_is(&a->t, "FROM");
	} else
		refuse(a, "INSERT without VALUES or SELECT");
}

/* "a"=..., "b"=... after SET. */
static void
read_set(struct assign *a)
{
	const bool updates = a->f->verb == VERB_UPDATE;
	unsigned char *mark;
	enum fit fit;

	do {
		if (!tokens_next(&a->t) || !tokens_is_name(&a->t)) {
			refuse(a, "SET without a column's name");
			return;
		}
		fit = fit_named(&a->t);
		if (!tokens_name(&a->t, a->set, sizeof a->set))
			*a->set = '\0';
		mark = updates ? mark_named(a->f, &a->t) : NULL;
		if (!tokens_next(&a->t) || !tokens_is(&a->t, "=")) {
			refuse(a, "SET without an equals sign");
			return;
		}
	} while (read_item(a, fit, mark));
}

/* Does the ON CONFLICT name the key, with its columns in their order? */
static bool
is_of_key(struct tokens t, const struct table *table)
{
	const char *before = "(";
	char name[COLUMN_NAME_SIZE];
	bool same = tokens_next(&t); /* CONFLICT */

	for (size_t i = 0; same && i < table->ncolumns; i++)
		if (table->column[i].key) {
			same = tokens_next(&t) && tokens_is(&t, before) &&
			       tokens_next(&t) &&
			       tokens_name(&t, name, sizeof name) &&
			       strcmp(name, table->column[i].name) == 0;
			before = ",";
		}
	return same && tokens_next(&t) && tokens_is(&t, ")");
}

static bool
has_key(const struct form *f)
{
	for (size_t i = 0; i < f->table->ncolumns; i++)
		if (f->table->column[i].key && f->mark[i] == 0)
			return false;
	return true;
}

/* Goes on to the next token: is it the column's name? */
static bool
next_is_column(struct tokens *t, const struct column *c)
{
	char name[COLUMN_NAME_SIZE];

	return tokens_next(t) && tokens_name(t, name, sizeof name) &&
	       strcmp(name, c->name) == 0;
}

/* Has the rest an OR that is in no parentheses? */
static bool
has_or(struct tokens t)
{
	size_t depth = 0;

	while (tokens_next(&t))
		if (tokens_is(&t, "("))
			depth++;
		else if (tokens_is(&t, ")"))
			depth--;
		else if (depth == 0 && tokens_is(&t, "OR"))
			return true;
	return false;
}

/*
 * Goes on to an UPDATE's own WHERE.  Returns false if there is none, or if it
 * sets a part of the key.
 */
static bool
find_where(const struct table *table, struct tokens *t)
{
	char name[COLUMN_NAME_SIZE];
	const struct column *c;
	size_t depth = 0;

	while (tokens_next(t))
		if (tokens_is(t, "("))
			depth++;
		else if (tokens_is(t, ")"))
			depth--;
		else if (depth == 0 && tokens_is(t, "WHERE"))
			return true;
		else if (tokens_name(t, name, sizeof name) &&
			 (c = table_column(table, name)) != NULL && c->key)
			return false;
	return false;
}

/* Is an UPDATE about one row?  Its condition begins with the key, then. */
static bool
is_by_key(struct form *f, struct tokens t)
{
	const struct table *table = f->table;
	bool first = true;

	if (!find_where(table, &t) || has_or(t))
		return false;
	for (size_t i = 0; i < table->ncolumns; i++) {
		if (!table->column[i].key)
			continue;
		if (!first && (!tokens_next(&t) || !tokens_is(&t, "AND")))
			return false;
		if (!next_is_column(&t, &table->column[i]) ||
		    !tokens_next(&t) || !tokens_is(&t, "=") || !tokens_next(&t))
			return false;
		f->mark[i] = (unsigned char)mark_of(&t);
		first = false;
	}
	return has_key(f) && (!tokens_next(&t) || tokens_is(&t, "AND"));
}

const char *
assign_read(struct form *f, struct tokens t)
{
	struct assign a = {.f = f, .t = t};

	if (f->verb == VERB_DELETE)
		return NULL;
	if (f->verb == VERB_INSERT)
		read_insert(&a);
	f->by_key =
	    f->verb == VERB_INSERT ? !a.many && has_key(f) : is_by_key(f, t);
	do /* there may be several ON CONFLICT, each with its own */
		if (a.why == NULL && tokens_is(&a.t, "SET"))
			read_set(&a);
		else if (tokens_is(&a.t, "ON") && a.nconflicts++ == 0)
			f->by_key = f->by_key && is_of_key(a.t, f->table);
	while (a.why == NULL && tokens_next(&a.t));
	return a.why;
}

static bool
fits(enum fit fit, const struct value *v)
{
	if (v->type == VALUE_NULL || fit == FIT_ANY)
		return true;
	if (fit == FIT_BOOL && v->type == VALUE_BOOL)
		return true;
	return v->type == VALUE_INT &&
	       (fit == FIT_NUMBER || v->i == 0 || v->i == 1);
}

const char *
assign_refuses(const struct form *f, const struct statement *s)
{
	for (size_t i = 0; i < s->nvalues; i++)
		if (!fits(f->fit[i], &s->value[i]))
			return f->fit[i] == FIT_BOOL
				   ? "something else where TRUE or FALSE "
				     "belongs"
				   : "something else where a number belongs";
	return NULL;
}
