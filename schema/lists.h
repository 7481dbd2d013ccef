/* SPDX-License-Identifier: MIT */
#ifndef WOS_LISTS_H
#define WOS_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "catalogue.h"

/*
 * Where the API lists its objects, and what their items have that is not as in
 * events: catalogue.def's LISTs as structures, made once, as the tables are.
 */

enum list_shape {
	LIST_PAGES,  /* pages of up to 100 items, by a cursor */
	LIST_WHOLE,  /* one answer */
	LIST_INSIDE, /* an array in the items of the parent's list, asked for as
		      that is */
};

struct list {
	const char *of;            /* its table's name, or what it has ids of */
	const struct table *table; /* NULL: it is there for the ids alone */
	const struct list *parent; /* whose items it is asked for, or NULL */
	enum asked asked;          /* USUAL, or RARE: when it is named */
	enum list_shape shape;
	const char *path; /* with {names} in it; of LIST_INSIDE the member */
};

/* All lists, parents before children. */
const struct list *catalogue_lists(size_t *n);

/*
 * Adds what is wrong with the name of a table that no list is of, and which one
 * may have been meant.
 */
void lists_refuse(struct buf *why, const char *name, size_t len);

enum item_fact_kind {
	ITEM_ONLY,    /* member, value */
	ITEM_PARENT,  /* column */
	ITEM_AT,      /* column, path in the item */
	ITEM_LACKS,   /* column */
	ITEM_RENAMED, /* column, the item's word; `event` is the events', as
			 JSON */
	ITEM_SECRET,  /* member; `*` ends a beginning */
	ITEM_SILENT,  /* column */
	ITEM_COUNTED, /* path in an item of the parent's list */
	ITEM_GET,     /* path */
	ITEM_ABSENT,  /* what it means that no list has a row */
};

struct item_fact {
	enum item_fact_kind kind;
	const char *name; /* a column's path, a member, or a path of the API */
	const char *value, *event;
};

/* What is to be known of a table's items, in the catalogue's order. */
const struct item_fact *item_facts(const struct table *t, size_t *n);

/* The fact of that kind about a column's path or a member, or NULL. */
const struct item_fact *item_fact(
    const struct table *t, enum item_fact_kind kind, const char *name);

/*
 * The table as items have it: the same without the columns that they lack.
 * Statements about it leave those alone.
 */
const struct table *item_table(const struct table *t);

/* The first fact of that kind, or NULL. */
const struct item_fact *item_any(
    const struct table *t, enum item_fact_kind kind);

/* Would an item that is no newer have the same value there as the row? */
bool item_is_compared(const struct table *t, const struct column *c);

/*
 * The column whose value tells which list has a row, if there is a list for
 * each parent, or NULL.
 */
const struct column *table_listed_by(const struct table *t);

/* Does a list of the API have its rows? */
bool table_is_listed(const struct table *t);

/* Is it a member that is written nowhere?  The name has `len` bytes. */
bool item_is_secret(const struct table *t, const char *name, size_t len);

#endif
