/* SPDX-License-Identifier: MIT */
#ifndef WOS_CATALOGUE_H
#define WOS_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * catalogue.def as structures.  They are made once, on first use, and live as
 * long as the program; nothing here fails or is freed.
 */

enum asked { USUAL, RARE, FORMER };

enum column_type { TYPE_TEXT, TYPE_TIME, TYPE_BOOL, TYPE_INT, TYPE_JSON };

enum table_kind { TABLE_SYSTEM, TABLE_OBJECT, TABLE_REUSED, TABLE_FACT };

enum effect_kind { EFFECT_UPSERT, EFFECT_DELETE, EFFECT_INSERT };

/* The longest path has 42 bytes; one that does not fit stops the first run. */
#define COLUMN_NAME_SIZE 64

struct column {
	char name[COLUMN_NAME_SIZE]; /* role_slug */
	const char *path;            /* role.slug, from the object's place */
	bool nested;                 /* the path has more than one name */
	enum column_type type;
	bool key;
	bool must;         /* NOT NULL without being a key */
	bool now;          /* the database sets it to the time of the insert */
	bool personal;     /* may identify or describe a person */
	const char *about; /* a sentence */
};

struct table;

struct parent {
	const char *name;
	const struct table *table;   /* of that name; its key is "id" alone */
	const struct column *column; /* of the child: holds the parent's id */
	bool must;                   /* the id is never missing */
};

/* A column of the table's view. */
struct shown {
	const char *name;
	const struct column *column; /* of this table or of another */
	const struct column *key;    /* and then of this: the other row's id */
	const struct table *of;
};

/*
 * The columns of an object end with its provenance, event_id and event_at;
 * a fact begins with event_id, its key, event_type and event_at.
 */
struct table {
	const char *name;
	const char *about; /* a sentence */
	enum table_kind kind;
	struct column *column;
	size_t ncolumns;
	const struct column **index;
	size_t nindexes;
	const struct column **person, **address; /* who the row is about */
	const struct column **other; /* and the address of who else */
	size_t npersons, naddresses, nothers;
	struct parent *parent;
	size_t nparents;
	char view[COLUMN_NAME_SIZE]; /* its view's name; "" if there is none */
	struct shown *shown;
	size_t nshown;
	bool versioned;  /* an OBJECT that has an updated_at */
	bool is_private; /* the stream of SQL may not write it */
	bool is_deleted; /* do events delete its rows, and leave tombstones? */
};

struct effect {
	enum effect_kind kind;
	const struct table *table;
	const char *at; /* path of the object, or of a delete's key; "" */
};

struct event_type {
	const char *name;
	enum asked asked;
	const struct effect *effect; /* in the catalogue's order */
	size_t neffects;
};

/* All tables, parents before children, and all event types sorted by name. */
const struct table *catalogue_tables(size_t *n);
const struct event_type *catalogue_event_types(size_t *n);

/* The one of that name, or NULL. */
const struct table *catalogue_table(const char *name);
const struct event_type *catalogue_event_type(const char *name);

/* A table's column of that name, or NULL. */
const struct column *table_column(const struct table *t, const char *name);

/* A column of that name of whichever table has one first, or NULL. */
const struct column *catalogue_column(const char *name);

/* Must an event have the column: part of the key, or what places the row? */
bool table_needs(const struct table *t, const struct column *c);

/* Is `from` a parent of the table, or a parent's parent, and so on? */
bool table_descends(const struct table *t, const struct table *from);

/*
 * A column that our table had from the first day, and another's of that name
 * hardly has: which event wrote a row, or of what type an event was.
 */
const char *table_own_column(const struct table *t);

#endif
