/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "lists.h"
#include "log.h"
#include "status.h"
#include "verified.h"

/* Bytes of a line: a table's name, and numbers of 20 digits at most. */
#define LINE_SIZE 512

/* No table has more rows: so sums of them stay numbers. */
#define ROWS_MOST INT64_C(1000000000000)

/* Is there a list of it?  With `usual`, one that is asked for unnamed. */
static bool
is_listed(const char *name, size_t len, bool usual)
{
	size_t n;
	const struct list *l = catalogue_lists(&n);

	for (; n > 0; n--, l++)
		if (l->table != NULL && (!usual || l->asked == USUAL) &&
		    strlen(l->of) == len && memcmp(l->of, name, len) == 0)
			return true;
	return false;
}

bool
verified_is_usual(const char *table)
{
	return is_listed(table, strlen(table), true);
}

bool
verified_is_unlisted(const struct verified *v)
{
	return v->verified_at != -1 && v->count[VERIFIED_LISTS] == 0 &&
	       v->count[VERIFIED_SAME] + v->count[VERIFIED_DIFFERS] +
		       v->count[VERIFIED_MISSING_HERE] ==
		   0;
}

static enum db_result
try_table(struct db *db, const char *name, size_t len, int64_t now)
{
	static struct query q = {
	    .sql = "INSERT INTO \"verified\" (\"object\",\"tried_at\") "
		   "VALUES ($1,$2) ON CONFLICT (\"object\") DO UPDATE SET "
		   "\"tried_at\"=excluded.\"tried_at\""};

	return db_run(db, &q,
	    (struct value[]){value_bytes(name, len), value_int(now)}, 2, NULL);
}

static enum db_result
try_usual(struct db *db, int64_t now)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);
	enum db_result rc = DB_OK;

	for (; rc == DB_OK && n > 0; n--, t++)
		if (verified_is_usual(t->name))
			rc = try_table(db, t->name, strlen(t->name), now);
	return rc;
}

static _Noreturn void
refuse_table(const char *name, size_t len)
{
	struct buf why = {0};

	lists_refuse(&why, name, len);
	log_errx(STATUS_USAGE, "%s", buf_str(&why));
}

static enum db_result
try_named(struct db *db, const char *names, int64_t now)
{
	enum db_result rc = DB_OK;
	size_t len;

	for (; rc == DB_OK; names += len + 1) {
		len = strcspn(names, ",");
		if (!is_listed(names, len, false))
			refuse_table(names, len);
		rc = try_table(db, names, len, now);
		if (names[len] == '\0')
			break;
	}
	return rc;
}

enum db_result
verified_begin(struct db *db, const struct options *o)
{
	printf("%" PRId64 "\n", o->now);
	return o->argument == NULL ? try_usual(db, o->now)
				   : try_named(db, o->argument, o->now);
}

static enum db_result
end_table(struct db *db, const struct options *o, int64_t began,
    const char *name, const int64_t count[VERIFIED_COUNTS])
{
	static struct query q = {
	    .sql = "UPDATE \"verified\" SET \"verified_at\"=$1,\"lists\"=$2,"
		   "\"same\"=$3,\"differs\"=$4,\"missing_here\"=$5,"
		   "\"missing_there\"=$6,\"ended\"=$7,\"repaired\"=$8 "
		   "WHERE \"object\"=$9 AND \"tried_at\"=$1"};
	struct value value[VERIFIED_COUNTS + 3] = {value_int(began)};

	for (size_t i = 0; i < VERIFIED_COUNTS; i++)
		value[i + 1] = value_int(count[i]);
	value[VERIFIED_COUNTS + 1] =
	    (struct value){.type = VALUE_BOOL, .i = o->repaired};
	value[VERIFIED_COUNTS + 2] = value_text(name);
	return db_run(db, &q, value, VERIFIED_COUNTS + 3, NULL);
}

/* Cuts a line down to the table, behind which its counts stand. */
static bool
read_counts(char *line, int64_t c[VERIFIED_COUNTS])
{
	char *end = line + strcspn(line, " "), *start;
	bool good = end > line && *end == ' ';

	if (good)
		*end++ = '\0';
	for (size_t i = 0; good && i < VERIFIED_COUNTS; i++) {
		start = end;
		c[i] = strtoll(start, &end, 10);
		good = end > start && c[i] >= 0;
	}
	return good && end[strspn(end, " \n")] == '\0';
}

enum db_result
verified_end(struct db *db, const struct options *o)
{
	const char *text = o->argument;
	int64_t began = options_ms("--verify-end", &text, '\0');
	int64_t c[VERIFIED_COUNTS];
	char line[LINE_SIZE];
	enum db_result rc = DB_OK;

	descriptors_await("tables and what was found in them, a line each");
	for (int n = 1; rc == DB_OK && fgets(line, sizeof line, stdin); n++) {
		if (!read_counts(line, c))
			log_errx(STATUS_FAILED,
			    "stdin: line %d: not a table and its counts", n);
		rc = end_table(db, o, began, line, c);
	}
	return rc;
}

struct reading {
	verified_fn *take;
	void *arg;
};

static int64_t
time_of(const struct value *v)
{
	return v->type == VALUE_INT && v->i >= 0 ? v->i : -1;
}

static int64_t
rows_of(const struct value *v)
{
	bool known = v->type == VALUE_INT && v->i >= 0 && v->i <= ROWS_MOST;

	return known ? v->i : 0;
}

static void
take_row(void *arg, const struct value *row, size_t n)
{
	const struct reading *r = arg;
	const struct value *count = &row[3],
			   *repaired = count + VERIFIED_COUNTS;
	struct verified v = {
	    .tried_at = time_of(&row[1]), .verified_at = time_of(&row[2])};
	char table[LINE_SIZE];
	int64_t differences = 0;

	(void)n;
	for (size_t i = 0; i < VERIFIED_COUNTS; i++)
		v.count[i] = rows_of(&count[i]);
	for (size_t i = VERIFIED_DIFFERS; i <= VERIFIED_MISSING_THERE; i++)
		differences += v.count[i];
	if (repaired->type != VALUE_NULL && repaired->i == 1)
		v.repaired = differences;
	else
		v.differences = differences;
	value_copy(&row[0], table, sizeof table);
	r->take(r->arg, table, &v);
}

enum db_result
verified_read(struct db *db, verified_fn *take, void *arg)
{
	static struct query q = {
	    .sql = "SELECT \"object\",\"tried_at\",\"verified_at\",\"lists\","
		   "\"same\",\"differs\",\"missing_here\",\"missing_there\","
		   "\"ended\",\"repaired\" FROM \"verified\" ORDER BY "
		   "\"object\""};
	struct reading r = {take, arg};
	enum db_result rc = db_select(db, &q, NULL, 0, take_row, &r);

	/* A database of an older version has no such table. */
	return rc == DB_REFUSED ? DB_OK : rc;
}
