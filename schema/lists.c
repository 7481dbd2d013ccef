/* SPDX-License-Identifier: MIT */
/*
 * Reads catalogue.def for what it has about lists: a table's name is followed
 * by the lists of it and by the facts about their items.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists.h"
#include "log.h"
#include "memory.h"
#include "nearest.h"

enum entry_kind { IS_TABLE, IS_LIST, IS_FACT };

static const struct entry {
	enum entry_kind kind;
	struct list list;
	const char *parent; /* of a list */
	struct item_fact fact;
} entries[] = {
#define OBJECT(table, ...) {.kind = IS_TABLE, .list.of = #table},
#define REUSED OBJECT
#define FACT OBJECT
#define SYSTEM OBJECT
#define PRIVATE OBJECT
#define ANY_LIST(how, when, ...)                                               \
	{.kind = IS_LIST,                                                      \
	    .list.asked = when,                                                \
	    .list.shape = LIST_##how,                                          \
	    __VA_ARGS__},
#define LIST(shape, asked, where) ANY_LIST(shape, asked, .list.path = (where))
#define LIST_OF(shape, asked, table, where)                                    \
	ANY_LIST(shape, asked, .list.path = (where), .parent = #table)
#define LIST_IN(table, member)                                                 \
	ANY_LIST(INSIDE, USUAL, .list.path = #member, .parent = #table)
#define LIST_IDS(shape, asked, name, where)                                    \
	ANY_LIST(shape, asked, .list.path = (where), .list.of = #name)
#define LIST_IDS_OF(shape, asked, table, name, where)                          \
	ANY_LIST(shape, asked, .list.path = (where), .list.of = #name,         \
	    .parent = #table)
#define ITEM_FACT(...) {.kind = IS_FACT, .fact = {.kind = __VA_ARGS__}},
#define ONLY(member, word) ITEM_FACT(ITEM_ONLY, #member, #word)
#define PARENT(column) ITEM_FACT(ITEM_PARENT, #column)
#define ITEM(column, path) ITEM_FACT(ITEM_AT, #column, #path)
#define LACKS(column) ITEM_FACT(ITEM_LACKS, #column)
#define RENAMED(column, item, event)                                           \
	ITEM_FACT(ITEM_RENAMED, #column, #item, "\"" #event "\"")
#define SECRET(member) ITEM_FACT(ITEM_SECRET, #member)
#define SILENT(column) ITEM_FACT(ITEM_SILENT, #column)
#define COUNTED(path) ITEM_FACT(ITEM_COUNTED, #path)
#define GET(path) ITEM_FACT(ITEM_GET, path)
#define ABSENT(meaning) ITEM_FACT(ITEM_ABSENT, meaning)
/* The rest is catalogue.c's. */
#define KEY(...)
#define TEXT(...)
#define TIME(...)
#define BOOL(...)
#define INT(...)
#define JSON(...)
#define MUST(...)
#define NOW(...)
#define INDEX(...)
#define PERSON(...)
#define ADDRESS(...)
#define OTHERS(...)
#define CHILD_OF(...)
#define MAYBE_OF(...)
#define VIEW(...)
#define JOINED(...)
#define UPSERT(...)
#define UPSERT_AT(...)
#define DELETE(...)
#define DELETE_BY(...)
#define INSERT(...)
#include "catalogue.def"
};

enum { NENTRIES = sizeof entries / sizeof entries[0] };

/* Of each table, in the catalogue's order. */
struct facts {
	struct item_fact *fact;
	size_t n;
	struct table carried; /* item_table's, once it was asked for */
};

static struct list *lists;
static size_t nlists;
static struct facts *facts;

/* The first list of those ids is the usual one. */
static const struct list *
find_parent(const struct entry *e, const struct table *t)
{
	for (size_t i = 0; i < nlists; i++)
		if (strcmp(lists[i].of, e->parent) == 0)
			return &lists[i];
	log_errx(1, "catalogue: no list of %s stands before that of %s",
	    e->parent, t->name);
}

/* A name of a column or the beginning of one, or a mistake. */
static void
check_fact(const struct table *t, const struct item_fact *f)
{
	bool found = f->kind == ITEM_ONLY || f->kind == ITEM_SECRET ||
		     f->kind == ITEM_COUNTED || f->kind == ITEM_GET ||
		     f->kind == ITEM_ABSENT;

	for (size_t i = 0; i < t->ncolumns && !found; i++)
		found = strcmp(t->column[i].path, f->name) == 0;
	if (!found)
		log_errx(
		    1, "catalogue: %s has no column at %s", t->name, f->name);
}

static void
add_list(const struct entry *e, const struct table *t)
{
	struct list *l = &lists[nlists];

	*l = e->list;
	if (l->of == NULL) {
		l->of = t->name;
		l->table = t;
	}
	if (e->parent != NULL)
		l->parent = find_parent(e, t);
	if (l->shape == LIST_INSIDE)
		l->asked = l->parent->asked;
	nlists++;
}

/* There is room for as many as there are entries: they can be pointed at. */
static void
lists_read(void)
{
	size_t ntables, at = 0;
	const struct table *tables = catalogue_tables(&ntables), *t = tables;
	struct item_fact *fact;

	if (lists != NULL)
		return;
	lists = memory_new(NENTRIES, sizeof *lists);
	fact = memory_new(NENTRIES, sizeof *fact);
	facts = memory_new(ntables, sizeof *facts);
	for (size_t i = 0; i < NENTRIES; i++) {
		const struct entry *e = &entries[i];

		if (e->kind == IS_TABLE) {
			t = &tables[at++];
			facts[t - tables].fact = fact;
		} else if (e->kind == IS_LIST) {
			add_list(e, t);
		} else {
			check_fact(t, &e->fact);
			*fact++ = e->fact;
			facts[t - tables].n++;
		}
	}
}

const struct list *
catalogue_lists(size_t *n)
{
	lists_read();
	*n = nlists;
	return lists;
}

/* Bytes of a wrong name that a message shows; a table's has 30 at most. */
#define NAME_SHOWN 80

void
lists_refuse(struct buf *why, const char *name, size_t len)
{
	char shown[NAME_SHOWN + 1];
	struct nearest near = {.word = shown};
	size_t n;
	const struct list *l = catalogue_lists(&n);

	snprintf(shown, sizeof shown, "%.*s", (int)len, name);
	for (; n > 0; n--, l++)
		if (l->table != NULL)
			nearest_try(&near, l->of);
	buf_printf(why, "%s: the API has no list of that%s", shown,
	    nearest_hint(&near));
}

static struct facts *
facts_of(const struct table *t)
{
	size_t ntables;

	lists_read();
	return &facts[t - catalogue_tables(&ntables)];
}

const struct item_fact *
item_facts(const struct table *t, size_t *n)
{
	const struct facts *f = facts_of(t);

	*n = f->n;
	return f->fact;
}

const struct item_fact *
item_fact(const struct table *t, enum item_fact_kind kind, const char *name)
{
	size_t n;
	const struct item_fact *f = item_facts(t, &n);

	for (; n > 0; n--, f++)
		if (f->kind == kind && strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

const struct item_fact *
item_any(const struct table *t, enum item_fact_kind kind)
{
	size_t n;
	const struct item_fact *f = item_facts(t, &n);

	for (; n > 0; n--, f++)
		if (f->kind == kind)
			return f;
	return NULL;
}

bool
item_is_compared(const struct table *t, const struct column *c)
{
	return strcmp(c->name, "event_id") != 0 &&
	       strcmp(c->name, "event_at") != 0 &&
	       item_fact(t, ITEM_LACKS, c->path) == NULL &&
	       item_fact(t, ITEM_SILENT, c->path) == NULL;
}

bool
item_is_secret(const struct table *t, const char *name, size_t len)
{
	size_t n;
	const struct item_fact *f = item_facts(t, &n);

	for (; n > 0; n--, f++) {
		size_t own = f->kind == ITEM_SECRET ? strlen(f->name) : 0;
		bool begins = own > 0 && f->name[own - 1] == '*';

		own -= begins;
		if (own > 0 && (begins ? len >= own : len == own) &&
		    memcmp(name, f->name, own) == 0)
			return true;
	}
	return false;
}

/* A table's parents point at its columns, and a copy's at the copy's. */
static void
copy_parents(struct table *to, const struct table *from)
{
	to->parent = memory_new(from->nparents + 1, sizeof *to->parent);
	for (size_t i = 0; i < from->nparents; i++) {
		to->parent[i] = from->parent[i];
		to->parent[i].column =
		    table_column(to, from->parent[i].column->name);
	}
}

const struct table *
item_table(const struct table *t)
{
	struct table *c = &facts_of(t)->carried;

	if (c->name != NULL)
		return c;
	*c = *t;
	c->ncolumns = 0;
	c->column = memory_new(t->ncolumns, sizeof *c->column);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (item_fact(t, ITEM_LACKS, t->column[i].path) == NULL)
			c->column[c->ncolumns++] = t->column[i];
	copy_parents(c, t);
	return c;
}

static const struct list *
first_list(const struct table *t)
{
	size_t n;
	const struct list *l = catalogue_lists(&n);

	for (; n > 0; n--, l++)
		if (l->table == t)
			return l;
	return NULL;
}

const struct column *
table_listed_by(const struct table *t)
{
	const struct list *l = first_list(t);
	const struct item_fact *f = item_any(t, ITEM_PARENT);
	char name[COLUMN_NAME_SIZE];

	if (l == NULL || l->parent == NULL)
		return NULL;
	for (size_t i = 0; f != NULL && i < t->ncolumns; i++)
		if (strcmp(t->column[i].path, f->name) == 0)
			return &t->column[i];
	for (size_t i = 0; i < t->nparents; i++)
		if (t->parent[i].table == l->parent->table)
			return t->parent[i].column;
	snprintf(name, sizeof name, "%s_id", l->parent->of);
	return table_column(t, name);
}

bool
table_is_listed(const struct table *t)
{
	return first_list(t) != NULL;
}
