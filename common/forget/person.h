/* SPDX-License-Identifier: MIT */
#ifndef WOS_PERSON_H
#define WOS_PERSON_H

#include "buf.h"
#include "catalogue.h"
#include "forget/erased.h"
#include "jsontext.h"

/*
 * Whom a row is about, as the catalogue's PERSON, ADDRESS and OTHERS say,
 * wherever its values are: in an event, in an item of a list, or in a
 * statement.
 */

/*
 * What a row has in a column: sets *text to it, which is valid until the next
 * call, and returns whether it has something.  A time is in *ms instead.
 */
struct person_row {
	const struct table *table;
	bool (*text)(
	    void *arg, const struct column *c, const char **text, size_t *len);
	bool (*time)(void *arg, const struct column *c, int64_t *ms);
	void *arg;
};

/*
 * Is it about one who was erased?  What happened at the time `at` tells of an
 * address whether it still was that person's; or of a row without an id, when
 * the row was made, since it may be told of later.
 */
bool person_is_erased(
    const struct person_row *row, const struct erased *e, int64_t at);

/* Has it the id of one? */
bool person_has_id(const struct person_row *row, const struct erased *e);

/* Are its rows people, each with its own id for a key? */
bool person_has_table(const struct table *t);

/*
 * Calls `address` with each address that the row has of its person; or with
 * those that are in a value of JSON where such have their places: in members
 * called email, emails and value.
 */
void person_addresses(const struct person_row *row,
    void (*address)(void *arg, const char *text, size_t len), void *arg);
void person_addresses_in(struct jsonspan value,
    void (*address)(void *arg, const char *text, size_t len), void *arg);

/* Would one who is erased lose the column's value? */
bool person_loses(const struct table *t, const struct column *c);

#endif
