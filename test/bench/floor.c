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
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "sqlite/sqlite.h"
#include "stream/apply.h"
#include "stream/form_read.h"

#define MAX_FORMS 512
#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

struct write {
	struct query *query; /* NULL: a group ends here */
	size_t first, n;     /* its values, in `values` */
};

static bool bare;
/* After so many pages: quicker than after 4,000, which are the thread's. */
static struct query own_checkpoints = {
    .sql = "PRAGMA wal_autocheckpoint = 10000"};
static struct query queries[MAX_FORMS];
static char *originals[MAX_FORMS];
static size_t counts[MAX_FORMS]; /* values that the bare one takes */
static size_t nforms;
static struct write *writes;
static size_t nwrites, writes_cap;
static struct value *values;
static size_t nvalues, values_cap;

/* INSERT ... SELECT v WHERE guards ON CONFLICT ... WHERE stamps, bare. */
static char *
strip(const char *sql, size_t *n)
{
	const char *select = strstr(sql, " SELECT "), *where, *conflict, *tail;
	char *text = malloc(strlen(sql) + 16);

	if (text == NULL)
		err(1, NULL);
	memcpy(text, sql, strlen(sql) + 1);
	*n = (size_t)-1;
	if (strncmp(sql, "INSERT", 6) != 0)
		return text;
	conflict = strstr(sql, " ON CONFLICT");
	tail = strstr(conflict, " WHERE ");
	where = strstr(sql, " WHERE NOT EXISTS");
	if (select == NULL || where == NULL) {
		text[(tail ? tail : sql + strlen(sql)) - sql] = '\0';
		return text;
	}
	*n = 1;
	for (const char *p = select; p < where; p++)
		*n += *p == ',';
	sprintf(text, "%.*s VALUES (%.*s)%.*s", (int)(select - sql), sql,
	    (int)(where - select - 8), select + 8,
	    (int)((tail ? tail : sql + strlen(sql)) - conflict), conflict);
	return text;
}

static size_t
form_of(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < nforms; i++)
		if (strlen(originals[i]) == len &&
		    memcmp(originals[i], text, len) == 0)
			return i;
	if (nforms == MAX_FORMS)
		errx(1, "more than %d forms", MAX_FORMS);
	originals[i] = strndup(text, len);
	/* With what wos-apply knows of it: what a first load may skip. */
	queries[i] = form_read(text, len)->query;
	queries[i].sql = originals[i];
	counts[i] = (size_t)-1;
	if (bare)
		queries[i].sql = strip(originals[i], &counts[i]);
	return nforms++;
}

/* All texts, one after the other; they live as long as the program. */
static struct value
copy(struct value v)
{
	static char *arena;
	static size_t left;

	if (v.type != VALUE_TEXT || v.len == 0)
		return v;
	if (v.len > left) {
		left = ARENA_BYTES + v.len;
		if ((arena = malloc(left)) == NULL)
			err(1, NULL);
	}
	memcpy(arena, v.text, v.len);
	v.text = arena;
	arena += v.len;
	left -= v.len;
	return v;
}

static bool
is_about_orphans(const char *sql)
{
	return strncmp(sql, "INSERT INTO \"orphan\"", 20) == 0 ||
	       strncmp(sql, "DELETE FROM \"orphan\"", 20) == 0;
}

static void
remember(const struct statement *s)
{
	struct write w = {.first = nvalues};
	size_t form;

	if (nwrites == writes_cap) {
		writes_cap = writes_cap ? writes_cap * 2 : 4096;
		writes = realloc(writes, writes_cap * sizeof *writes);
	}
	while (nvalues + s->nvalues >= values_cap) {
		values_cap = values_cap ? values_cap * 2 : 65536;
		values = realloc(values, values_cap * sizeof *values);
	}
	if (writes == NULL || values == NULL)
		err(1, NULL);
	if (memcmp(s->sql.p, "SAVEPOINT", 9) == 0 ||
	    (bare && is_about_orphans(s->sql.p)))
		return;
	if (memcmp(s->sql.p, "RELEASE", 7) != 0) {
		form = form_of(s->sql.p, s->sql.len);
		w.query = &queries[form];
		w.n = counts[form] < s->nvalues ? counts[form] : s->nvalues;
		for (size_t i = 0; i < w.n; i++)
			values[nvalues++] = copy(s->value[i]);
	}
	writes[nwrites++] = w;
}

static void
must(struct db *db, enum db_result rc)
{
	if (rc != DB_OK)
		errx(1, "%s", db->why);
}

static void
write_all(struct db *db)
{
	size_t events = 0;
	int64_t changed = 0;

	must(db, db_begin(db));
	for (size_t i = 0; i < nwrites; i++) {
		struct write *w = &writes[i];

		if (w->query != NULL) {
			must(db, db_run(db, w->query, values + w->first, w->n,
				     NULL));
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
	struct statement s = {0};
	struct timespec a, b;
	int64_t changed = 0;
	char why[DB_WHY_SIZE], *text;
	bool indexed = false, threads = false;
	size_t pos = 0, len;
	struct stat st;
	struct db *db;
	int fd;

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
	if ((fd = open(argv[1], O_RDONLY)) == -1 || fstat(fd, &st) == -1)
		err(1, "%s", argv[1]);
	len = (size_t)st.st_size;
	text = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		err(1, "%s", argv[1]);
	for (; statement_read(&s, text + pos, len - pos); pos += s.size)
		remember(&s);
	if (sqlite_open(argv[2], DB_WRITE, &db, why) != DB_OK)
		errx(1, "%s", why);
	if (!threads)
		must(db, db_run(db, &own_checkpoints, NULL, 0, NULL));
	if (indexed)
		must(db, db_rest(db, &changed));
	clock_gettime(CLOCK_MONOTONIC, &a);
	write_all(db);
	db_close(db);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.3f\n", (double)(b.tv_sec - a.tv_sec) +
			     (double)(b.tv_nsec - a.tv_nsec) / 1e9);
	return 0;
}
