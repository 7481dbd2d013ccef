/* SPDX-License-Identifier: MIT */
#ifndef WOS_PLAN_H
#define WOS_PLAN_H

#include "options.h"

/*
 * What a run has to do: what the stream would be, held against what the cursor
 * stands for.  wos-sync asks for it.
 */

/*
 * Reads what wos-fetch --explain prints from standard input; ends the program
 * if it can't be that.  Without a type in it, all that this version knows are
 * asked for.
 *
 * Prints a line for each thing to know, a word and a value; what is not there
 * is left out.  Values are numbers, ids and names that a shell can take:
 *
 *	begins after ID | begins given | begins files
 *			by hand; without such a line the cursor decides
 *	follow 1, key environment
 *	cursor ID	what the run goes on from
 *	fetch OPTIONS, apply OPTIONS
 *			how the two programs do so, for a shell to split: after
 *			the cursor's event; past that event, as the API may have
 *			forgotten it, and what came after it; or from a time on,
 *			as it may have, but none came after it
 *	resume MS	from where to start again if it has been forgotten
 *	known TIME	as a date: up to then everything had been seen
 *	gap FROM:TO	what may be missing then; gap_end is TO as a date
 *	list new | list on
 *			list everything first: a new database, or one where that
 *			has begun and not come to its end
 *	occupied 1	there is no cursor, or the stream begins elsewhere by
 *			hand, but there are users or organizations, or rows
 *			that name one
 *	fill OPTIONS	how wos-fetch gets what is missing up to the cursor,
 *			which is to be done first
 *	except a,b,c	types that the API has refused, not to ask for again yet
 *
 * Says on stderr what people should know: a cursor that is old, why there is
 * something to fill, an event that is not in the ledger.  `db` is NULL where
 * there is no database yet.  Returns DB_OK, or why not with the reason in
 * db->why.
 */
enum db_result plan_print(struct db *db, const struct options *o);

#endif
