/* SPDX-License-Identifier: MIT */
/*
 * Runs statements without the check of their form that the stream's pass: what
 * still refuses them is the database as wos-apply has opened it.
 *
 * usage: unchecked [--own] DATABASE STATEMENT...; as the stream's, or with
 * --own as wos-apply's own.  Prints what each returns, and "done", or why not.
 */
#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "open.h"

static void
print_row(void *arg, const struct value *row, size_t n)
{
	(void)arg;
	for (size_t i = 0; i < n; i++)
		if (row[i].type == VALUE_TEXT)
			printf("%.*s ", (int)row[i].len, row[i].text);
		else
			printf("%" PRId64 " ", row[i].i);
}

int
main(int argc, char **argv)
{
	bool own = argc > 1 && strcmp(argv[1], "--own") == 0;
	char why[DB_WHY_SIZE];
	struct db *db;

	argv += 1 + own;
	if (*argv == NULL || db_open(*argv, DB_WRITE, &db, why) != DB_OK)
		errx(1, "%s", *argv == NULL ? "no database" : why);
	while (*++argv != NULL) {
		struct db_place at = {DB_NOWHERE, 0, !own};
		struct query q = {.sql = *argv};

		if (db->ops->ask(db, &at, &q, NULL, 0, print_row, NULL) ==
		    DB_OK)
			puts("done");
		else
			puts(db->why);
		db_forget(db, &q);
	}
	db_close(db);
	return 0;
}
