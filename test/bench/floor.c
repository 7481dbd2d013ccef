/* SPDX-License-Identifier: MIT */
/*
 * The floor of the whole pipe: the rows that wos-decode's SQL would write, in
 * the same schema with the same settings, from memory, through prepared
 * statements.  No text is read, no statement is checked, none can be parked,
 * and no cursor moves.  One thread writes, and makes the checkpoints.
 *
 * With --bare nothing is guarded, either: no tombstones are looked for, no
 * stamps compared, and no orphans noted.  With --indexed all indexes are there
 * before the rows, as they are for a program that does not put them off.  With
 * --threads checkpoints are made beside the writing, as wos-apply makes them.
 *
 * usage: floor [--bare | --indexed | --threads] STREAM DATABASE; prints the
 * seconds that the writing took.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "held.h"
#include "sqlite/sqlite.h"
#include "stream/batch.h"

/* After so many pages: quicker than after 4,000, which are the thread's. */
static struct query own_checkpoints = {
    .sql = "PRAGMA wal_autocheckpoint = 10000"};

static void
must(struct db *db, enum db_result rc)
{
	if (rc != DB_OK)
		errx(1, "%s", db->why);
}

static void
write_all(struct db *db, const struct held *rows)
{
	size_t events = 0;
	int64_t changed = 0;

	must(db, db_begin(db));
	for (size_t i = 0; i < rows->nwrites; i++) {
		struct write *w = &rows->write[i];

		if (w->query != NULL) {
			must(db, db_run(db, w->query, rows->value + w->first,
				     w->n, NULL));
		} else if (++events % BATCH_EVENTS == 0) {
			must(db, db_commit(db));
			must(db, db_begin(db));
		}
	}
	must(db, db_commit(db));
	must(db, db_rest(db, &changed));
}

int
main(int argc, char **argv)
{
	bool bare = false, indexed = false, threads = false;
	int64_t changed = 0;
	char why[DB_WHY_SIZE];
	struct held rows;
	double begun;
	struct db *db;

	if (argc == 4) {
		bare = strcmp(argv[1], "--bare") == 0;
		indexed = strcmp(argv[1], "--indexed") == 0;
		threads = strcmp(argv[1], "--threads") == 0;
		if (bare || indexed || threads) {
			argc--;
			argv++;
		}
	}
	if (argc != 3)
		errx(2, "usage: floor [--bare | --indexed | --threads] "
			"STREAM DATABASE");
	rows = held_read(argv[1], bare);
	if (sqlite_open(argv[2], DB_WRITE, &db, why) != DB_OK)
		errx(1, "%s", why);
	if (!threads)
		must(db, db_run(db, &own_checkpoints, NULL, 0, NULL));
	if (indexed)
		must(db, db_rest(db, &changed));
	begun = held_seconds();
	write_all(db, &rows);
	db_close(db);
	printf("%.3f\n", held_seconds() - begun);
	return 0;
}
