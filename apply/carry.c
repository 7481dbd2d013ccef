/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carry.h"
#include "log.h"
#include "status.h"

/* A line: its table, and the row's values with tabs between them. */
#define LINE_SIZE 256
#define VALUES 4

/* What the two tables have, in the order in which it is written again. */
static const struct query tables[] = {
    {.sql = "SELECT 'erased',\"hash\",\"kind\",\"erased_at\" FROM \"erased\" "
	    "ORDER BY \"hash\"",
	.rows_of = "erased"},
    {.sql = "SELECT 'forgotten',\"name\",\"before\",\"salt\",\"count\" FROM "
	    "\"forgotten\" ORDER BY \"name\"",
	.rows_of = "forgotten"},
};
#define NTABLES (sizeof tables / sizeof *tables)

static void
put_row(void *arg, const struct value *row, size_t n)
{
	(void)arg;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putchar('\t');
		if (row[i].type == VALUE_INT)
			printf("%" PRId64, row[i].i);
		else if (row[i].type == VALUE_TEXT)
			printf("%.*s", (int)row[i].len, row[i].text);
	}
	putchar('\n');
}

/* An older schema does not know of it, and has nothing forgotten. */
enum db_result
carry_print(struct db *db, const struct options *o)
{
	enum db_result rc = DB_OK;

	(void)o;
	for (size_t i = 0; db != NULL && rc == DB_OK && i < NTABLES; i++)
		rc = db_select(db, &tables[i], NULL, 0, put_row, NULL);
	return rc == DB_REFUSED ? DB_OK : rc;
}

/* Cuts the line into its fields.  Returns how many there are. */
static size_t
cut(char *line, char *field[VALUES + 1])
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (; line != NULL && n <= VALUES; n++)
		field[n] = strsep(&line, "\t");
	return line == NULL ? n : 0;
}

/* A number, or nothing: NULL. */
static bool
read_number(const char *text, struct value *v)
{
	char *end;
	long long n;

	*v = value_text(NULL);
	if (*text == '\0')
		return true;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		return false;
	*v = value_int(n);
	return true;
}

static enum db_result
add_row(struct db *db, char *field[VALUES + 1], size_t n, bool *good)
{
	static const struct query erased = {
	    .sql = "INSERT INTO \"erased\" (\"hash\",\"kind\",\"erased_at\") "
		   "VALUES ($1,$2,$3) ON CONFLICT (\"hash\") DO NOTHING"};
	static const struct query forgotten = {
	    .sql = "INSERT INTO \"forgotten\" "
		   "(\"name\",\"before\",\"salt\",\"count\") "
		   "VALUES ($1,$2,$3,$4)"};
	struct value value[VALUES];
	const bool one = n == 4 && strcmp(field[0], "erased") == 0;

	*good = one ? read_number(field[3], &value[2])
		    : n == 5 && strcmp(field[0], "forgotten") == 0 &&
			  read_number(field[2], &value[1]) &&
			  read_number(field[4], &value[3]);
	if (!*good)
		return DB_OK;
	value[0] = value_text(field[1]);
	if (one) {
		value[1] = value_text(field[2]);
		return db_run(db, &erased, value, 3, NULL);
	}
	value[2] = value_text(*field[3] != '\0' ? field[3] : NULL);
	return db_run(db, &forgotten, value, 4, NULL);
}

/* Who was erased counts once the last row is there, whatever ends before. */
int
carry_add(struct db *db, const struct options *o)
{
	char line[LINE_SIZE], *field[VALUES + 1];
	enum db_result rc = db_begin(db);
	bool good = true;
	size_t n = 0;

	while (rc == DB_OK && good && fgets(line, sizeof line, stdin)) {
		if (n++ > 0 && db_is_full(db, n)) {
			rc = db_end(db, rc);
			if (rc == DB_OK)
				rc = db_begin(db);
		}
		if (rc == DB_OK)
			rc = add_row(db, field, cut(line, field), &good);
	}
	if (!good)
		log_errx(STATUS_FAILED,
		    "stdin: line %zu: not what --forgotten prints", n);
	rc = db_end(db, rc);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	return STATUS_DONE;
}
