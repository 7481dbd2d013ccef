/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a stream of SQL into a SQLite database.  Whatever the stream,
 * it changes rows of the catalogue's tables and nothing else, leaves no
 * transaction open, and comes to the same in batches of any size.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../apply/open.h"
#include "../../apply/stream/apply.h"
#include "../../apply/stream/forms.h"
#include "../../apply/stream/statement.h"
#include "catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a stream has come to. */
struct outcome {
	int status;
	struct apply_totals totals;
	char cursor[EVENT_ID_MAX + 1];
	bool follows;
	struct buf rows;
};

static struct db *db;

static struct query *empty, *look; /* of each table */
static struct query full;          /* which of them have rows? */
static struct query schema = {
    .sql = "SELECT group_concat(sql, ';') FROM sqlite_master"};
static struct query cursors = {.sql = "SELECT \"name\" FROM \"sync_cursor\""};
static struct buf schema_before;

#define MUST(what)                                                             \
	do                                                                     \
		if (!(what)) {                                                 \
			fprintf(stderr, "not so: %s: %s\n", #what, db->why);   \
			abort();                                               \
		}                                                              \
	while (0)

static void
add_row(void *arg, const struct value *row, size_t n)
{
	(void)n;
	if (row[0].type == VALUE_TEXT)
		buf_add(arg, row[0].text, row[0].len);
	buf_putc(arg, '\n');
}

static char *
copy_of(struct buf *b)
{
	char *p = strdup(buf_str(b));

	buf_clear(b);
	return p;
}

static void
make_queries(void)
{
	struct buf sql = {0}, which = {0};
	size_t ntables;
	const struct table *t = catalogue_tables(&ntables);

	MUST(ntables <= DB_MAX_COLUMNS);
	empty = calloc(ntables, sizeof *empty);
	look = calloc(ntables, sizeof *look);
	for (size_t i = 0; i < ntables; i++) {
		buf_printf(&sql, "DELETE FROM \"%s\"", t[i].name);
		empty[i].sql = copy_of(&sql);
		buf_puts(&sql, "SELECT ''");
		for (size_t j = 0; j < t[i].ncolumns; j++)
			if (!t[i].column[j].now)
				buf_printf(&sql, "||','||quote(\"%s\")",
				    t[i].column[j].name);
		buf_printf(&sql, " FROM \"%s\" ORDER BY 1", t[i].name);
		look[i].sql = copy_of(&sql);
		buf_printf(&which, "%sEXISTS (SELECT 1 FROM \"%s\")",
		    i ? "," : "SELECT ", t[i].name);
	}
	full.sql = copy_of(&which);
	buf_free(&which);
	buf_free(&sql);
}

static void
open_once(void)
{
	char why[DB_WHY_SIZE];
	int64_t changed = 0;

	if (db != NULL)
		return;
	if (db_open("", DB_WRITE, &db, why) != DB_OK)
		abort();
	MUST(db_rest(db, &changed) == DB_OK); /* it has all of its indexes */
	make_queries();
	MUST(db_select(db, &schema, NULL, 0, add_row, &schema_before) == DB_OK);
}

static int
stream_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	MUST(fd != -1);
	MUST(write(fd, data, size) == (ssize_t)size);
	MUST(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void
take_full(void *arg, const struct value *row, size_t n)
{
	bool *has_rows = arg;

	for (size_t i = 0; i < n; i++)
		has_rows[i] = row[i].i != 0;
}

/* Most runs leave most tables empty. */
static void
empty_tables(void)
{
	bool has_rows[DB_MAX_COLUMNS] = {0};

	MUST(db_select(db, &full, NULL, 0, take_full, has_rows) == DB_OK);
	MUST(db_begin(db) == DB_OK);
	for (size_t i = 0; i < DB_MAX_COLUMNS; i++)
		if (has_rows[i])
			MUST(db_run(db, &empty[i], NULL, 0, NULL) == DB_OK);
	MUST(db_commit(db) == DB_OK);
}

static void
look_at_tables(struct buf *rows)
{
	bool has_rows[DB_MAX_COLUMNS] = {0};

	MUST(db_select(db, &full, NULL, 0, take_full, has_rows) == DB_OK);
	for (size_t i = 0; i < DB_MAX_COLUMNS; i++) {
		if (!has_rows[i] ||
		    strstr(look[i].sql, "\"sync_cursor\"") != NULL)
			continue;
		buf_printf(rows, "== %zu\n", i);
		MUST(db_select(db, &look[i], NULL, 0, add_row, rows) == DB_OK);
	}
}

static void
run(const uint8_t *data, size_t size, size_t batch, struct outcome *o)
{
	struct cursor cursor = {.name = "fuzz", .follows = true};
	int fd = stream_of(data, size);

	empty_tables();
	o->status = apply_stream(db, fd, "stream", batch, &cursor, &o->totals);
	close(fd);
	memcpy(o->cursor, cursor.held, sizeof o->cursor);
	/* No transaction is open: one can begin. */
	MUST(db_begin(db) == DB_OK);
	db_rollback(db);
	look_at_tables(&o->rows);
}

/* The cursor is this run's alone, and there if it has moved. */
static void
check_cursor(const struct outcome *o)
{
	struct buf names = {0};

	MUST(db_select(db, &cursors, NULL, 0, add_row, &names) == DB_OK);
	if (*o->cursor == '\0')
		MUST(names.len == 0);
	else
		MUST(strcmp(buf_str(&names), "fuzz\n") == 0);
	buf_free(&names);
}

static void
check_schema(void)
{
	struct buf now = {0};

	MUST(db_select(db, &schema, NULL, 0, add_row, &now) == DB_OK);
	MUST(strcmp(buf_str(&now), buf_str(&schema_before)) == 0);
	buf_free(&now);
}

/* Cut off anywhere, a statement is the same or not there yet. */
static void
check_prefixes(const char *text, size_t size)
{
	static struct statement whole, part;
	size_t step = size / 16 + 1;

	if (statement_read(&whole, text, size) == 0)
		return;
	MUST(whole.size <= size && text[whole.size - 1] == ';');
	for (size_t n = 0; n < size; n += step)
		if (statement_read(&part, text, n) == 1)
			MUST(part.size == whole.size &&
			     part.nvalues == whole.nvalues &&
			     part.sql.len == whole.sql.len);
		else
			MUST(n <= whole.size);
}

static bool
same_value(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == VALUE_TEXT)
		return a->len == b->len &&
		       memcmp(a->text, b->text, a->len) == 0;
	return a->type == VALUE_NULL || a->i == b->i;
}

/* Compared with its form, a statement says what it says when it is read. */
static void
check_match(const char *text, size_t size)
{
	static struct statement read, match;
	static struct forms forms;
	struct form *form;

	if (statement_read(&read, text, size) == 0 || read.why != NULL)
		return;
	form = forms_get(&forms, db, read.sql.p, read.sql.len);
	if (form->why != NULL ||
	    forms_match(&forms, &match, text, size) == NULL)
		return;
	MUST(forms_match(&forms, &match, text, size) == form);
	MUST(match.size == read.size && match.lead == read.lead);
	MUST(match.why == NULL && match.nvalues == read.nvalues);
	for (size_t i = 0; i < read.nvalues; i++)
		MUST(same_value(&match.value[i], &read.value[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome one = {0}, all = {0};

	open_once();
	check_prefixes((const char *)data, size);
	check_match((const char *)data, size);
	run(data, size, 1000, &all);
	check_cursor(&all);
	run(data, size, 1, &one);
	check_cursor(&one);
	check_schema();
	MUST(one.status == all.status);
	MUST(one.totals.events == all.totals.events);
	MUST(one.totals.parked == all.totals.parked);
	MUST(strcmp(one.cursor, all.cursor) == 0);
	MUST(strcmp(buf_str(&one.rows), buf_str(&all.rows)) == 0);
	buf_free(&one.rows);
	buf_free(&all.rows);
	return 0;
}
