/* SPDX-License-Identifier: MIT */
#include "skip.h"

bool
skip_cascade(struct db *db, const struct query *q, const struct value *value,
    size_t nvalues)
{
	static struct query find = {.sql = "SELECT 1 FROM \"tombstone\" "
					   "WHERE \"object\"=$1 AND \"id\"=$2"};
	struct value key[2];
	bool found;

	if (q->cascade == NULL)
		return false;
	key[0] = value_text(q->cascade);
	key[1] = value[nvalues - 1];
	return db_any(db, &find, key, 2, &found) == DB_OK && found;
}

bool
skip_note(struct db *db, const struct query *q, const struct value *value)
{
	static struct query find = {
	    .sql = "SELECT 1 FROM \"orphan\" WHERE "
		   "\"object\"=$1 AND \"id\"=$2 AND \"sub_id\"=$3"};
	bool found;

	return q->note && db_any(db, &find, value, 3, &found) == DB_OK &&
	       !found;
}
