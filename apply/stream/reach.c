/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "reach.h"

#define JOIN "a join: it looks through more than one table"
#define COPY "an INSERT of what a table has"

/* The columns of a key that name few rows: tombstone has the id as its second
 * of three. */
#define KEY_COLUMNS 2

static bool
take(struct tokens *t, const char *word)
{
	return tokens_next(t) && tokens_is(t, word);
}

/* "column"=value */
static bool
take_equal(struct tokens *t, const struct column *c)
{
	char name[COLUMN_NAME_SIZE];

	return tokens_next(t) && tokens_name(t, name, sizeof name) &&
	       strcmp(name, c->name) == 0 && take(t, "=") && tokens_next(t) &&
	       *t->token == '$';
}

/* Does the comparison end here?  SQLite would compare its result again. */
static bool
ends_comparison(struct tokens t)
{
	return !tokens_next(&t) || tokens_is(&t, "AND") || tokens_is(&t, ")") ||
	       tokens_is(&t, "ON");
}

/* Is there an OR before the end of what the condition stands in? */
static bool
has_or(struct tokens t)
{
	int depth = 0;

	while (depth >= 0 && tokens_next(&t)) {
		if (depth == 0 && tokens_is(&t, "OR"))
			return true;
		depth += tokens_is(&t, "(") - tokens_is(&t, ")");
	}
	return false;
}

/* Do rows of the table follow that are named by their key, first of all? */
static bool
is_keyed(const struct table *table, struct tokens t)
{
	const char *before = "WHERE";
	size_t n = 0;

	for (size_t i = 0; i < table->ncolumns && n < KEY_COLUMNS; i++) {
		if (!table->column[i].key)
			continue;
		if (!take(&t, before) || !take_equal(&t, &table->column[i]))
			return false;
		before = "AND";
		n++;
	}
	return ends_comparison(t) && !has_or(t);
}

/* FROM "table", and nothing beside it. */
static const char *
read_from(struct tokens t, bool *keyed)
{
	char name[COLUMN_NAME_SIZE];
	const struct table *table;
	struct tokens after;

	if (!tokens_next(&t) || !tokens_name(&t, name, sizeof name) ||
	    (table = catalogue_table(name)) == NULL)
		return "a query of something else than a table";
	after = t;
	if (take(&after, ","))
		return JOIN;
	*keyed = is_keyed(table, t);
	return NULL;
}

const char *
reach_read(const struct form *f, struct tokens t)
{
	const char *why = NULL;
	size_t looks = f->verb != VERB_INSERT; /* through tables */
	bool first = looks == 1, keyed = false;
	struct tokens before = t;
	int depth = 0;

	for (; why == NULL && tokens_next(&t); before = t) {
		depth += tokens_is(&t, "(") - tokens_is(&t, ")");
		if (tokens_is(&t, "FROM")) {
			why = read_from(t, &keyed);
			if (why == NULL && depth == 0 && !keyed)
				why = f->verb == VERB_INSERT ? COPY : JOIN;
			looks += !keyed;
		} else if (first && depth == 0 && tokens_is(&t, "WHERE")) {
			first = false;
			looks -= is_keyed(f->table, before);
		}
	}
	return why == NULL && looks > 1 ? JOIN : why;
}
