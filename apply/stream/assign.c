/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "assign.h"
#include "tokens.h"

/* Columns in an INSERT's list; the widest table of the catalogue has 24. */
#define COLUMNS_MAX 64

struct assign {
	struct shape *s;
	struct tokens t;
	enum fit column[COLUMNS_MAX]; /* of an INSERT */
	size_t ncolumns;
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
 * The fit of a column by its name: all tables agree, and shape.c has refused
 * what no table has.
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

/* A token of what is assigned, which may be its value. */
static void
take_token(struct assign *a, enum fit fit)
{
	const struct tokens *t = &a->t;
	unsigned long mark;

	if (*t->token == '$') {
		mark = strtoul(t->token + 1, NULL, 10);
		if (mark >= 1 && mark <= STATEMENT_MAX_VALUES)
			a->s->fit[mark - 1] = fit;
	} else if (tokens_is_name(t) && !tokens_is_qualifier(t) &&
		   fit_named(t) != fit) {
		refuse(a, "a column of another kind where a number belongs");
	}
}

/* Do the values of a query end here, and what it is about begin? */
static bool
ends_values(const struct tokens *t)
{
	return tokens_is(t, "FROM") || tokens_is(t, "WHERE");
}

/*
 * Reads what is assigned to one column, up to a comma, a closing parenthesis or
 * a word that are not part of it; of a query in it, only its values count.
 * Returns true at a comma.
 */
static bool
read_item(struct assign *a, enum fit fit)
{
	size_t depth = 0, skipped = 0; /* the depth of what does not count */

	while (tokens_next(&a->t)) {
		const struct tokens *t = &a->t;

		if (depth == 0 && (tokens_is(t, ",") || tokens_is(t, ")") ||
				      tokens_is(t, "ON") || ends_values(t)))
			return tokens_is(t, ",");
		if (tokens_is(t, "("))
			depth++;
		else if (tokens_is(t, ")") && depth-- == skipped)
			skipped = 0;
		else if (skipped == 0 && ends_values(t))
			skipped = depth;
		else if (skipped == 0 && fit != FIT_ANY)
			take_token(a, fit);
	}
	return false;
}

/* The items of VALUES (...) or of SELECT, for the columns in their order. */
static void
read_items(struct assign *a)
{
	size_t i = 0;

	do
		if (i == a->ncolumns)
			refuse(a, "more values than columns");
	while (a->why == NULL && read_item(a, a->column[i++]));
}

/* ("a","b") after INSERT INTO "t", whose columns may be in another order. */
static void
read_columns(struct assign *a)
{
	if (!tokens_next(&a->t) || !tokens_is(&a->t, "("))
		refuse(a, "INSERT without its columns");
	while (a->why == NULL && tokens_next(&a->t) && !tokens_is(&a->t, ")"))
		if (tokens_is(&a->t, ","))
			continue;
		else if (a->ncolumns == COLUMNS_MAX)
			refuse(a, "more columns than a table has");
		else
			a->column[a->ncolumns++] = fit_named(&a->t);
}

static void
read_rows(struct assign *a)
{
	do {
		if (!tokens_next(&a->t) || !tokens_is(&a->t, "("))
			refuse(a, "VALUES without parentheses");
		else
			read_items(a);
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
	else if (tokens_is(&a->t, "SELECT"))
		read_items(a);
	else
		refuse(a, "INSERT without VALUES or SELECT");
}

/* "a"=..., "b"=... after SET. */
static void
read_set(struct assign *a)
{
	enum fit fit;

	do {
		if (!tokens_next(&a->t) || !tokens_is_name(&a->t)) {
			refuse(a, "SET without a column's name");
			return;
		}
		fit = fit_named(&a->t);
		if (!tokens_next(&a->t) || !tokens_is(&a->t, "=")) {
			refuse(a, "SET without an equals sign");
			return;
		}
	} while (read_item(a, fit));
}

const char *
assign_check(struct shape *s, const char *text, size_t len)
{
	struct assign a = {.s = s, .t = {text, text + len, text, 0}};

	if (!tokens_next(&a.t) || tokens_is(&a.t, "DELETE"))
		return NULL;
	if (tokens_is(&a.t, "INSERT")) {
		tokens_next(&a.t); /* INTO, */
		tokens_next(&a.t); /* and the table */
		read_insert(&a);
	}
	do /* there may be several ON CONFLICT, each with its own */
		if (a.why == NULL && tokens_is(&a.t, "SET"))
			read_set(&a);
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
assign_refuses(const struct shape *s, const struct statement *values)
{
	for (size_t i = 0; i < values->nvalues; i++)
		if (!fits(s->fit[i], &values->value[i]))
			return s->fit[i] == FIT_BOOL
				   ? "something else where TRUE or FALSE "
				     "belongs"
				   : "something else where a number belongs";
	return NULL;
}
