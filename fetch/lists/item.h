/* SPDX-License-Identifier: MIT */
#ifndef WOS_ITEM_H
#define WOS_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "jsontext.h"
#include "lists.h"

/* WorkOS' ids have some 40 bytes. */
#define ITEM_ID_MAX 200

/* What all lines of a list say of it. */
struct item_place {
	const struct list *list;
	const char *parent;    /* an id, or NULL */
	const char *listed_at; /* as text */
};

/* Walks an array, an item at a time; what is no array has none. */
void items_begin(struct jsonwalk *w, struct jsonspan array);
bool items_next(struct jsonwalk *w, struct jsonspan *item);

/*
 * Copies the item's id.  False if it has none, or one that is not of plain
 * letters and digits: such ids go into addresses and lines as they are.
 */
bool item_id(struct jsonspan item, char id[ITEM_ID_MAX + 1]);

/* Is the item one of the list's table? */
bool item_belongs(const struct list *l, struct jsonspan item);

/* An item does not say how many of another list are its own. */
#define ITEM_UNCOUNTED UINT64_MAX

/* How many of the list's items this item of its parent's says it has. */
uint64_t item_counts(const struct list *of, struct jsonspan item);

/*
 * Adds its line, less what the catalogue calls secret.  Returns 0, or -1 with
 * nothing added if it has more members than can be looked through.
 */
int item_line(
    struct buf *out, const struct item_place *at, struct jsonspan item);

/* Adds the line that ends a complete list. */
void item_end(struct buf *out, const struct item_place *at, uint64_t count);

#endif
