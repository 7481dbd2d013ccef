/* SPDX-License-Identifier: MIT */
/*
 * One line, one group of SQL.  What an event does stands in the catalogue;
 * here it is only carried out, and no type of event has code of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "decoder.h"
#include "event.h"
#include "group_name.h"
#include "item.h"
#include "literal.h"
#include "log.h"
#include "memory.h"
#include "parked_id.h"
#include "row.h"
#include "sql.h"
#include "status.h"

struct decoder {
	struct filter *filter; /* or NULL */
	const struct table *tables;
	struct sql_table *sql;  /* of each table */
	struct sql_table *item; /* of each as items have it */
	size_t ntables;
	struct event event;
	struct sql_row row;
	struct buf mended; /* the line, if it had to be mended */
};

static void
init_table(struct decoder *d, size_t i)
{
	const struct table *t = &d->tables[i], *carried = item_table(t);

	sql_table_init(&d->sql[i], t, carried);
	sql_table_init(&d->item[i], carried, t);
}

struct decoder *
decoder_new(struct filter *filter)
{
	struct decoder *d = memory_new(1, sizeof *d);

	d->filter = filter;
	d->tables = catalogue_tables(&d->ntables);
	d->sql = memory_new(d->ntables, sizeof *d->sql);
	d->item = memory_new(d->ntables, sizeof *d->item);
	for (size_t i = 0; i < d->ntables; i++)
		init_table(d, i);
	return d;
}

void
decoder_free(struct decoder *d)
{
	for (size_t i = 0; i < d->ntables; i++) {
		sql_table_release(&d->sql[i]);
		sql_table_release(&d->item[i]);
	}
	free(d->sql);
	free(d->item);
	event_release(&d->event);
	buf_free(&d->row.text);
	buf_free(&d->mended);
	free(d);
}

const char *
decoder_why(const struct decoder *d)
{
	return d->event.why;
}

const char *
decoder_event_id(const struct decoder *d)
{
	return d->event.id;
}

static int
put_effect(struct decoder *d, const struct effect *effect, struct buf *out)
{
	struct sql_table *sql = &d->sql[effect->table - d->tables];

	if (row_make(&d->row, &d->event, effect) == -1)
		return -1;
	switch (effect->kind) {
	case EFFECT_UPSERT:
		sql_upsert(out, sql, &d->row);
		break;
	case EFFECT_INSERT:
		sql_insert(out, sql, &d->row);
		break;
	case EFFECT_DELETE:
		sql_delete(out, sql, &d->row);
		break;
	}
	return 0;
}

/* One bound of a group: SAVEPOINT or RELEASE, and its name. */
static void
put_bound(struct buf *out, const char *bound, const char *name)
{
	buf_puts(out, bound);
	literal_name(out, name, strlen(name));
	buf_puts(out, ";\n");
}

static void
put_ledger(const struct event *e, struct jsonspan line, struct buf *out)
{
	buf_puts(out,
	    "INSERT INTO \"events_cursor\" (\"event_id\",\"event_payload\","
	    "\"created_at\",\"event_type\") VALUES (");
	literal_text(out, e->id, strlen(e->id));
	buf_putc(out, ',');
	literal_line(out, line.p, line.len);
	buf_putc(out, ',');
	literal_int(out, e->at);
	buf_putc(out, ',');
	literal_text(out, e->name.p, e->name.len);
	buf_puts(out, ") ON CONFLICT (\"event_id\") DO NOTHING;\n");
}

/* Adds the group of the event, which has been read from this line. */
static int
put_group(struct decoder *d, struct jsonspan line, struct buf *out)
{
	const struct event *e = &d->event;
	int rc = 0;

	put_bound(out, "SAVEPOINT ", e->id);
	put_ledger(e, line, out);
	if (e->type != NULL && !e->bare)
		for (size_t i = 0; rc == 0 && i < e->type->neffects; i++)
			rc = put_effect(d, &e->type->effect[i], out);
	put_bound(out, "RELEASE ", e->id);
	return rc;
}

static int
put_item(struct decoder *d, struct jsonspan line, struct buf *out)
{
	struct event *e = &d->event;
	const struct effect effect = {
	    .kind = EFFECT_UPSERT, .table = item_table(e->listed), .at = ""};

	if (row_make(&d->row, e, &effect) == -1)
		return -1;
	sql_item(out, &d->item[e->listed - d->tables], &d->row, line);
	return 0;
}

/*
 * Its data has the row's key where an event has it.  What the API can be asked
 * for has been asked for, and is gone for ever; else a later event is right.
 */
static int
put_gone(struct decoder *d, const char *name, struct buf *out)
{
	struct event *e = &d->event;
	size_t i = (size_t)(e->listed - d->tables);
	bool asked = item_any(e->listed, ITEM_GET) != NULL;
	struct sql_table *sql = asked ? &d->sql[i] : &d->item[i];
	const struct effect effect = {
	    .kind = EFFECT_DELETE, .table = sql->table, .at = ""};
	int rc;

	e->listed = NULL;
	snprintf(e->id, sizeof e->id, "%s", name); /* the tombstone's */
	rc = row_make(&d->row, e, &effect);
	e->id[0] = '\0';
	if (rc == 0 && asked)
		sql_delete(out, sql, &d->row);
	else if (rc == 0)
		sql_forget(out, sql, &d->row);
	return rc;
}

static int
put_end(struct event *e, struct jsonspan text, struct jsonspan line,
    struct buf *out)
{
	struct jsonspan parent = {"", 0};
	int64_t count;

	if (item_count(e, text, &count) == -1)
		return -1;
	if (e->parent.p != NULL)
		parent = event_string(e, e->parent);
	sql_list(out, e->listed, parent, e->at, count, line);
	return 0;
}

/* Adds the group of a line of a list, which is no event. */
static int
put_listed(struct decoder *d, enum item_kind kind, struct jsonspan text,
    struct jsonspan line, struct buf *out)
{
	struct event *e = &d->event;
	char name[PARKED_ID_SIZE + sizeof GROUP_LIST];
	char id[PARKED_ID_SIZE];
	int rc;

	/* Parked, it would reach the database all the same. */
	if (d->filter != NULL)
		log_errx(STATUS_FAILED, "a line of a list: --jq is for events");
	if (item_read(e, text) == -1)
		return -1;
	parked_id(line.p, line.len, line.len, id);
	snprintf(name, sizeof name, GROUP_LIST "%s", strchr(id, ':') + 1);
	put_bound(out, "SAVEPOINT ", name);
	if (kind == ITEM_LINE)
		rc = put_item(d, line, out);
	else if (kind == ITEM_END)
		rc = put_end(e, text, line, out);
	else
		rc = put_gone(d, name, out);
	put_bound(out, "RELEASE ", name);
	return rc;
}

/*
 * Once the filter has made something of the line, that is in *line: it is what
 * the ledger keeps, or what is parked.
 */
static int
put_event(struct decoder *d, struct jsonspan *line, struct buf *out)
{
	struct event *e = &d->event;
	struct jsonspan text, made;
	enum item_kind kind;

	text = event_check(e, *line, &d->mended);
	if (text.p == NULL)
		return -1;
	if (event_read(e, text) == -1) {
		kind = *e->id == '\0' ? item_kind(text) : ITEM_NONE;
		return kind == ITEM_NONE
			   ? -1
			   : put_listed(d, kind, text, *line, out);
	}
	if (d->filter != NULL && !e->bare) {
		made = filter_run(d->filter, e, text);
		if (made.p == NULL)
			return -1;
		if (made.p != text.p)
			*line = made;
	}
	return put_group(d, *line, out);
}

/*
 * Unless another line of this event has been applied: a good one ends what is
 * parked, and a bad one that comes later must not begin it again.
 */
static void
put_parked(
    const struct event *e, struct jsonspan line, size_t size, struct buf *out)
{
	const char *name = e->id;
	char id[PARKED_ID_SIZE];

	parked_id(line.p, line.len, size, id);
	if (*name == '\0')
		name = id;
	put_bound(out, "SAVEPOINT ", name);
	buf_puts(out,
	    "INSERT INTO \"parked_event\" (\"id\",\"event_id\",\"kind\","
	    "\"text\",\"reason\") SELECT ");
	literal_text(out, id, strlen(id));
	buf_putc(out, ',');
	if (name == e->id)
		literal_text(out, name, strlen(name));
	else
		buf_puts(out, "NULL");
	buf_puts(out, size > line.len ? ",'beginning'," : ",'line',");
	literal_line(out, line.p, line.len);
	buf_putc(out, ',');
	literal_text(out, e->why, strlen(e->why));
	buf_puts(out, " WHERE NOT EXISTS (SELECT \"event_id\" FROM "
		      "\"events_cursor\" WHERE \"event_id\"=");
	literal_text(out, name, strlen(name));
	buf_puts(out, " AND \"event_payload\"<>");
	literal_line(out, line.p, line.len);
	buf_puts(out, ") ON CONFLICT (\"id\") DO UPDATE SET "
		      "\"reason\"=excluded.\"reason\";\n");
	put_bound(out, "RELEASE ", name);
}

int
decoder_line(struct decoder *d, const char *line, size_t len, size_t size,
    struct buf *out)
{
	struct jsonspan kept = {line, len};
	size_t whole = out->len;
	int rc;

	event_forget(&d->event);
	buf_trim(&d->row.text, EVENT_KEPT_BYTES);
	buf_trim(&d->mended, EVENT_KEPT_BYTES);
	if (size > len)
		rc = event_refuse(
		    &d->event, "%zu bytes, a line may have %zu", size, len);
	else
		rc = put_event(d, &kept, out);
	if (rc == -1) {
		out->len = whole; /* a group that was begun */
		put_parked(&d->event, kept, size > len ? size : kept.len, out);
	}
	return rc;
}
