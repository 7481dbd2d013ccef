/* SPDX-License-Identifier: MIT */
/*
 * Reads catalogue.def: a list of entries in which a table is followed by what
 * belongs to it.  Two passes: the tables with their columns, then the events,
 * which may name a table from several places.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "log.h"
#include "memory.h"

enum entry_kind {
	IS_OBJECT,
	IS_REUSED,
	IS_FACT,
	IS_SYSTEM,
	IS_COLUMN,
	IS_INDEX,
	IS_PERSON,
	IS_ADDRESS,
	IS_OTHERS,
	IS_CHILD,
	IS_VIEW,
	IS_JOINED,
	IS_EVENT,
};

static const struct entry {
	const char *name; /* of a table or event; path of a column */
	const char *at;   /* of a child: its column; of an event: the place */
	const char *of, *column; /* of what is joined */
	const char *about;
	enum entry_kind kind;
	enum column_type type;
	enum effect_kind effect;
	enum asked asked;
	bool key, must, now, personal, is_private;
} entries[] = {
#define TABLE(is, table, text, ...)                                            \
	{.kind = IS_##is, .name = #table, .about = (text), __VA_ARGS__},
#define OBJECT(table, text) TABLE(OBJECT, table, text)
#define REUSED(table, text) TABLE(REUSED, table, text)
#define FACT(table, text) TABLE(FACT, table, text)
#define SYSTEM(table, text) TABLE(SYSTEM, table, text)
#define PRIVATE(table, text) TABLE(SYSTEM, table, text, .is_private = true)
#define PERSONAL .personal = true
#define COLUMN(path, text, ...)                                                \
	{.kind = IS_COLUMN, .name = #path, .about = (text), __VA_ARGS__},
#define KEY(path, ...) COLUMN(path, __VA_ARGS__, .type = TYPE_TEXT, .key = true)
#define TEXT(path, ...) COLUMN(path, __VA_ARGS__, .type = TYPE_TEXT)
#define TIME(path, ...) COLUMN(path, __VA_ARGS__, .type = TYPE_TIME)
#define BOOL(path, ...) COLUMN(path, __VA_ARGS__, .type = TYPE_BOOL)
#define INT(path, ...) COLUMN(path, __VA_ARGS__, .type = TYPE_INT)
#define JSON(path, ...) COLUMN(path, __VA_ARGS__, .type = TYPE_JSON)
#define MUST(t, path, ...)                                                     \
	COLUMN(path, __VA_ARGS__, .type = TYPE_##t, .must = true)
#define NOW(path, ...)                                                         \
	COLUMN(path, __VA_ARGS__, .type = TYPE_TIME, .must = true, .now = true)
#define INDEX(column) {.kind = IS_INDEX, .at = #column},
#define PERSON(column) {.kind = IS_PERSON, .at = #column},
#define ADDRESS(column) {.kind = IS_ADDRESS, .at = #column},
#define OTHERS(column) {.kind = IS_OTHERS, .at = #column},
#define CHILD_OF(table, column)                                                \
	{.kind = IS_CHILD, .name = #table, .at = #column, .must = true},
#define MAYBE_OF(table, column)                                                \
	{.kind = IS_CHILD, .name = #table, .at = #column},
#define VIEW(name) {.kind = IS_VIEW, .at = #name},
#define JOINED(shown, key, table, col)                                         \
	{.kind = IS_JOINED,                                                    \
	    .name = #shown,                                                    \
	    .at = #key,                                                        \
	    .of = #table,                                                      \
	    .column = #col},
#define EFFECT(does, when, event, ...)                                         \
	{.kind = IS_EVENT,                                                     \
	    .name = #event,                                                    \
	    .at = "" #__VA_ARGS__,                                             \
	    .effect = EFFECT_##does,                                           \
	    .asked = when},
#define UPSERT(asked, event) EFFECT(UPSERT, asked, event)
#define UPSERT_AT(asked, event, path) EFFECT(UPSERT, asked, event, path)
#define DELETE(asked, event) EFFECT(DELETE, asked, event)
#define DELETE_BY(asked, event, path) EFFECT(DELETE, asked, event, path)
#define INSERT(asked, event) EFFECT(INSERT, asked, event)
/* Lists are lists.c's. */
#define LIST(...)
#define LIST_OF(...)
#define LIST_IN(...)
#define LIST_IDS(...)
#define LIST_IDS_OF(...)
#define ONLY(...)
#define PARENT(...)
#define ITEM(...)
#define LACKS(...)
#define RENAMED(...)
#define SECRET(...)
#define SILENT(...)
#define COUNTED(...)
#define GET(...)
#define ABSENT(...)
#include "catalogue.def"
};

enum { NENTRIES = sizeof entries / sizeof entries[0] };

static struct table *tables;
static size_t ntables;
static struct event_type *types;
static size_t ntypes;

/* Makes room for one more: where it is full, for as many again. */
static void *
grow(void *array, size_t n, size_t size)
{
	bool full = array == NULL || (n & (n - 1)) == 0; /* a power of 2 */
	void *p = full ? memory_more(array, n > 0 ? 2 * n : 1, size) : array;

	memset((char *)p + n * size, 0, size);
	return p;
}

static void
add_column(struct table *t, const struct entry *e)
{
	struct column *c;
	size_t i, len = strlen(e->name);

	if (len >= COLUMN_NAME_SIZE)
		log_errx(1, "catalogue: %s: longer than a column's name may be",
		    e->name);
	t->column = grow(t->column, t->ncolumns, sizeof *t->column);
	c = &t->column[t->ncolumns++];
	for (i = 0; i < len; i++)
		c->name[i] = e->name[i] == '.' ? '_' : e->name[i];
	c->path = e->name;
	c->about = e->about;
	c->personal = e->personal;
	c->nested = strchr(e->name, '.') != NULL;
	c->type = e->type;
	c->key = e->key;
	c->must = e->must;
	c->now = e->now;
}

static void
add_provenance(struct table *t, bool first)
{
	static const struct entry event_id = {.name = "event_id",
	    .about = "The event that last wrote the row; empty if a list did.",
	    .type = TYPE_TEXT};
	static const struct entry event_key = {.name = "event_id",
	    .about = "The event's id.",
	    .type = TYPE_TEXT,
	    .key = true};
	static const struct entry event_type = {.name = "event_type",
	    .about = "What happened, as in user.created.",
	    .type = TYPE_TEXT,
	    .must = true};
	static const struct entry written_at = {.name = "event_at",
	    .about = "When that event happened, or that list was read.",
	    .type = TYPE_TIME,
	    .must = true};
	static const struct entry event_at = {.name = "event_at",
	    .about = "When the event happened.",
	    .type = TYPE_TIME,
	    .must = true};

	if (first != (t->kind == TABLE_FACT) || t->kind == TABLE_SYSTEM)
		return;
	add_column(t, first ? &event_key : &event_id);
	if (first)
		add_column(t, &event_type);
	add_column(t, first ? &event_at : &written_at);
}

const struct column *
table_column(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (strcmp(t->column[i].name, name) == 0)
			return &t->column[i];
	return NULL;
}

const struct column *
catalogue_column(const char *name)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	const struct column *c = NULL;

	for (; n > 0 && c == NULL; n--, t++)
		c = table_column(t, name);
	return c;
}

bool
table_needs(const struct table *t, const struct column *c)
{
	for (size_t i = 0; i < t->nparents; i++)
		if (t->parent[i].column == c && t->parent[i].must)
			return true;
	return c->key;
}

bool
table_descends(const struct table *t, const struct table *from)
{
	for (size_t i = 0; i < t->nparents; i++)
		if (t->parent[i].table == from ||
		    table_descends(t->parent[i].table, from))
			return true;
	return false;
}

const char *
table_own_column(const struct table *t)
{
	const struct column *c = t->column;

	if (t->kind != TABLE_SYSTEM)
		return "event_at";
	if (table_column(t, "event_type") != NULL)
		return "event_type"; /* the replaced system had a ledger, too */
	while (!c->must)
		c++;
	return c->name;
}

static const struct column *
must_have(const struct table *t, const char *name)
{
	const struct column *c = table_column(t, name);

	if (c == NULL)
		log_errx(
		    1, "catalogue: table %s has no column %s", t->name, name);
	return c;
}

/* Its table is found when all have been read: until then they move. */
static void
add_parent(struct table *t, const struct entry *e)
{
	struct parent *p;

	t->parent = grow(t->parent, t->nparents, sizeof *t->parent);
	p = &t->parent[t->nparents++];
	p->column = must_have(t, e->at);
	p->must = e->must;
	p->table = NULL;
	p->name = e->name;
}

/*
 * A view has all columns but what is wos' own of an object, and what is joined,
 * in the order of their entries: who adds one last adds it last here, too.
 */
static void
show(struct table *t, const struct entry *e)
{
	struct shown *s;

	t->shown = grow(t->shown, t->nshown, sizeof *t->shown);
	s = &t->shown[t->nshown++];
	if (e->kind == IS_JOINED) {
		s->name = e->name;
		s->key = must_have(t, e->at);
		return;
	}
	for (s->column = t->column; s->column->path != e->name;)
		s->column++;
	s->name = s->column->name;
}

/* users of user, api_keys, directories, or what VIEW says. */
static void
name_view(struct table *t, const char *name)
{
	size_t len = strlen(t->name);
	bool y = len > 1 && t->name[len - 1] == 'y' &&
		 strchr("aeiou", t->name[len - 2]) == NULL;

	if (name != NULL)
		snprintf(t->view, sizeof t->view, "%s", name);
	else if (t->kind != TABLE_SYSTEM && *t->view == '\0')
		snprintf(t->view, sizeof t->view, "%.*s%s", (int)(len - y),
		    t->name, y ? "ies" : "s");
}

/* Points what is joined at its tables, which may stand anywhere. */
static void
find_joined(struct table *t, const struct entry *e)
{
	struct shown *s = t->shown;

	if (e->kind != IS_JOINED)
		return;
	while (s->name != e->name)
		s++;
	s->of = catalogue_table(e->of);
	if (s->of == NULL)
		log_errx(1, "catalogue: %s joins %s: no table", t->name, e->of);
	s->column = must_have(s->of, e->column);
}

/* Points all parents at their tables, which must stand before. */
static void
find_parents(void)
{
	for (size_t i = 0; i < ntables; i++)
		for (size_t j = 0; j < tables[i].nparents; j++) {
			struct parent *p = &tables[i].parent[j];

			p->table = catalogue_table(p->name);
			if (p->table == NULL || p->table >= &tables[i])
				log_errx(1,
				    "catalogue: %s does not stand after %s",
				    tables[i].name, p->name);
		}
}

static void
add_to(const struct column ***list, size_t *n, const struct column *c)
{
	*list = grow((void *)*list, *n, sizeof **list);
	(*list)[(*n)++] = c;
}

/* Takes an entry of a table that has its columns. */
static void
add_to_table(struct table *t, const struct entry *e)
{
	if (e->kind == IS_INDEX)
		add_to(&t->index, &t->nindexes, must_have(t, e->at));
	else if (e->kind == IS_PERSON)
		add_to(&t->person, &t->npersons, must_have(t, e->at));
	else if (e->kind == IS_ADDRESS)
		add_to(&t->address, &t->naddresses, must_have(t, e->at));
	else if (e->kind == IS_OTHERS)
		add_to(&t->other, &t->nothers, must_have(t, e->at));
	else if (e->kind == IS_CHILD)
		add_parent(t, e);
	else if (e->kind == IS_VIEW)
		name_view(t, e->at);
	else if (e->kind == IS_COLUMN || e->kind == IS_JOINED)
		show(t, e);
}

/* Takes the entries of one table; returns the one after them. */
static const struct entry *
add_table(const struct entry *e)
{
	static const enum table_kind kinds[] = {[IS_OBJECT] = TABLE_OBJECT,
	    [IS_REUSED] = TABLE_REUSED,
	    [IS_FACT] = TABLE_FACT,
	    [IS_SYSTEM] = TABLE_SYSTEM};
	const struct entry *end = entries + NENTRIES, *first = e;
	struct table *t;
	size_t provenance; /* columns that come first */

	tables = grow(tables, ntables, sizeof *tables);
	t = &tables[ntables++];
	t->name = e->name;
	t->about = e->about;
	t->kind = kinds[e->kind];
	t->is_private = e->is_private;
	add_provenance(t, true);
	provenance = t->ncolumns;
	for (e++; e < end && e->kind >= IS_COLUMN; e++)
		if (e->kind == IS_COLUMN)
			add_column(t, e);
	add_provenance(t, false);
	t->versioned =
	    t->kind == TABLE_OBJECT && table_column(t, "updated_at") != NULL;
	/* Columns stay where they are now, and can be pointed at. */
	for (size_t i = 0; i < provenance; i++)
		show(t, &(struct entry){.name = t->column[i].path});
	for (end = e, e = first; e < end; e++)
		add_to_table(t, e);
	name_view(t, NULL);
	return end;
}

/* The type of that name, which is put in its place if it is not there yet. */
static struct event_type *
have_type(const struct entry *e)
{
	size_t from = 0, to = ntypes, i;
	struct event_type *type;

	while (from < to) {
		i = (from + to) / 2;
		if (strcmp(types[i].name, e->name) < 0)
			from = i + 1;
		else
			to = i;
	}
	if (from < ntypes && strcmp(types[from].name, e->name) == 0)
		return &types[from];
	types = grow(types, ntypes, sizeof *types);
	type = &types[from];
	memmove(type + 1, type, (ntypes++ - from) * sizeof *type);
	*type = (struct event_type){.name = e->name, .asked = e->asked};
	return type;
}

static void
add_effect(struct table *t, const struct entry *e)
{
	struct event_type *type = have_type(e);
	struct effect *effects;

	effects = grow((void *)type->effect, type->neffects, sizeof *effects);
	effects[type->neffects++] = (struct effect){e->effect, t, e->at};
	type->effect = effects;
	t->is_deleted |= e->effect == EFFECT_DELETE;
}

static int
by_name(const void *a, const void *b)
{
	const struct event_type *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
catalogue_read(void)
{
	const struct entry *e, *end = entries + NENTRIES;
	size_t n = 0; /* tables so far */

	if (tables != NULL)
		return;
	for (e = entries; e < end;)
		e = add_table(e);
	find_parents();
	for (e = entries; e < end; e++)
		if (e->kind < IS_COLUMN)
			n++;
		else if (e->kind == IS_EVENT)
			add_effect(&tables[n - 1], e);
		else
			find_joined(&tables[n - 1], e);
}

const struct table *
catalogue_tables(size_t *n)
{
	catalogue_read();
	*n = ntables;
	return tables;
}

const struct event_type *
catalogue_event_types(size_t *n)
{
	catalogue_read();
	*n = ntypes;
	return types;
}

const struct table *
catalogue_table(const char *name)
{
	catalogue_read();
	for (size_t i = 0; i < ntables; i++)
		if (strcmp(tables[i].name, name) == 0)
			return &tables[i];
	return NULL;
}

const struct event_type *
catalogue_event_type(const char *name)
{
	const struct event_type key = {.name = name};

	catalogue_read();
	return bsearch(&key, types, ntypes, sizeof *types, by_name);
}
