/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "descriptors.h"
#include "log.h"
#include "parked.h"
#include "status.h"
#include "timestamp.h"
#include "visible.h"

enum db_result
parked_forget_corrected(struct db *db)
{
	static struct query q = {
	    .sql = "DELETE FROM \"parked_event\" WHERE EXISTS (SELECT 1 FROM "
		   "\"events_cursor\" AS e WHERE "
		   "e.\"event_id\"=\"parked_event\".\"event_id\" AND "
		   "e.\"event_payload\"<>\"parked_event\".\"text\")"};

	return db_run(db, &q, NULL, 0, NULL);
}

/* Who wrote this may not have been wos-decode. */
static void
print_visible(FILE *out, const struct value *v, char after)
{
	char text[1024];

	if (v->type == VALUE_TEXT)
		visible(text, sizeof text, v->text, v->len);
	else
		memcpy(text, "-", 2);
	fprintf(out, "%s%c", text, after);
}

static void
print_row(void *arg, const struct value *row, size_t n)
{
	char when[TIMESTAMP_SIZE];

	(void)n;
	timestamp_format(row[2].i, when);
	print_visible(arg, &row[0], '\t');
	print_visible(arg, &row[1], '\t');
	fprintf(arg, "%s\t", when);
	print_visible(arg, &row[3], '\n');
}

/* $1 and $2 are the kind, $3 the time. */
#define CHOSEN "($1='' OR \"kind\"=$2) AND \"parked_at\"<$3"

static void
choose(struct value value[3], const struct options *o)
{
	value[0] = value[1] = value_text(o->kind ? o->kind : "");
	value[2] = value_int(o->before);
}

enum db_result
parked_print(struct db *db, const struct options *o)
{
	static struct query q = {.rows_of = "parked_event",
	    .sql = "SELECT \"id\",\"event_id\",\"parked_at\",\"reason\" FROM "
		   "\"parked_event\" WHERE " CHOSEN
		   " ORDER BY \"parked_at\",\"id\""};
	struct value value[3];

	choose(value, o);
	return db_select(db, &q, value, 3, print_row, stdout);
}

static void
print_text(void *arg, const struct value *row, size_t n)
{
	(void)n;
	visible_write(arg, row[0].text, row[0].len);
	putc('\n', arg);
}

enum db_result
parked_texts(struct db *db, const char *kind, FILE *out)
{
	static struct query q = {.rows_of = "parked_event",
	    .sql = "SELECT \"text\" FROM \"parked_event\" WHERE \"kind\"=$1 "
		   "ORDER BY \"parked_at\",\"id\""};
	struct value key = value_text(kind);

	return db_select(db, &q, &key, 1, print_text, out);
}

/*
 * How many are forgotten in one transaction: other writers wait for its end,
 * and the disk for each.
 */
#define DROP_AT_ONCE "200"

struct dropping {
	struct buf ids; /* each with a NUL */
	size_t n;
};

static void
note_dropped(void *arg, const struct value *row, size_t n)
{
	struct dropping *d = arg;

	(void)n;
	print_text(stdout, &row[1], 1);
	buf_add(&d->ids, row[0].text, row[0].len);
	buf_putc(&d->ids, '\0');
	d->n++;
}

/* The next few after *last, which becomes the last of them; or those named. */
static enum db_result
drop_few(struct db *db, const struct options *o, struct dropping *d,
    struct buf *last)
{
	static struct query find = {
	    .sql =
		"SELECT \"id\",\"text\" FROM \"parked_event\" "
		"WHERE " CHOSEN " AND ($4='' OR \"id\"=$5 OR \"event_id\"=$6) "
		"AND \"id\">$7 ORDER BY \"id\" LIMIT " DROP_AT_ONCE};
	static struct query drop = {
	    .sql = "DELETE FROM \"parked_event\" WHERE \"id\"=$1"};
	struct value value[7], key;
	enum db_result rc;
	const char *id;

	choose(value, o);
	value[3] = value[4] = value[5] =
	    value_text(o->argument ? o->argument : "");
	value[6] = value_text(buf_str(last));
	rc = db_select(db, &find, value, 7, note_dropped, d);
	descriptors_flush(); /* what could not be printed is not forgotten */
	id = d->ids.p;
	for (size_t i = 0; rc == DB_OK && i < d->n; i++) {
		key = value_text(id);
		rc = db_run(db, &drop, &key, 1, NULL);
		buf_clear(last);
		buf_puts(last, id);
		id += strlen(id) + 1;
	}
	return rc;
}

int
parked_drop(struct db *db, const struct options *o)
{
	struct dropping d = {0};
	struct buf last = {0};
	size_t dropped = 0;
	enum db_result rc;

	do {
		dropped += d.n;
		d.n = 0;
		buf_clear(&d.ids);
		rc = db_begin(db);
		if (rc == DB_OK)
			rc = drop_few(db, o, &d, &last);
		rc = db_end(db, rc);
	} while (rc == DB_OK && d.n > 0);
	buf_free(&d.ids);
	buf_free(&last);
	if (o->verbose)
		log_info("%zu are parked no more", dropped);
	if (rc != DB_OK)
		log_errx(db_status(rc), "%s: %s", o->shown, db->why);
	if (o->argument != NULL && dropped == 0)
		log_errx(STATUS_FAILED, "%s: nothing is parked as %s", o->shown,
		    o->argument);
	return STATUS_DONE;
}
