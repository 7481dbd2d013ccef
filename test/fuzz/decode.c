/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a line into SQL.  Whatever the line, its group is one that
 * wos-apply takes whole: no byte of an event escapes a literal, the ledger has
 * the line as it came, the same line makes the same SQL, also behind a filter
 * that changes nothing, and what counts as JSON is JSON to libjq.
 */
#include <jv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../apply/stream/form_read.h"
#include "../../apply/stream/statement.h"
#include "../../decode/decoder.h"
#include "../../decode/item.h"
#include "jsontext.h"
#include "parked_id.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct buf sql, again, want;
static struct statement statement;
static struct filter *filter;
static struct decoder *d, *filtered;

#define MUST(what)                                                             \
	do                                                                     \
		if (!(what)) {                                                 \
			fprintf(stderr, "not so: %s\nSQL: %.*s\n", #what,      \
			    (int)sql.len, sql.p);                              \
			abort();                                               \
		}                                                              \
	while (0)

static bool
is_value(const struct value *v, const char *text, size_t len)
{
	return v->type == VALUE_TEXT && v->len == len &&
	       (len == 0 || memcmp(v->text, text, len) == 0);
}

static bool
is_clean(const struct value *v)
{
	size_t n;

	for (size_t i = 0; v->type == VALUE_TEXT && i < v->len; i += n)
		if (v->text[i] == '\0' ||
		    (n = utf8_length(v->text + i, v->len - i)) == 0)
			return false;
	return true;
}

/* Is the statement WORD "name", with a name that wos-apply reads? */
static bool
is_bound(const char *word, const char *name)
{
	const struct buf *s = &statement.sql;
	char text[600];
	int len = snprintf(text, sizeof text, "%s \"%s\"", word, name);

	for (const char *p = name; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == '"')
			return false;
	return *name != '\0' && statement.why == NULL &&
	       statement.nvalues == 0 && s->len == (size_t)len &&
	       memcmp(s->p, text, s->len) == 0;
}

/* Reads the next statement of the SQL, and the newline behind it. */
static bool
next(size_t *at)
{
	if (*at == sql.len)
		return false;
	MUST(statement_read(&statement, sql.p + *at, sql.len - *at) == 1);
	MUST(statement.why == NULL);
	*at += statement.size;
	MUST(*at < sql.len && sql.p[*at] == '\n');
	++*at;
	return true;
}

/* The line as the ledger keeps it: a NUL byte is U+FFFD. */
static void
make_want(const char *line, size_t len)
{
	buf_clear(&want);
	for (size_t i = 0; i < len; i++)
		if (line[i] == '\0')
			buf_puts(&want, UTF8_REPLACEMENT);
		else
			buf_putc(&want, line[i]);
}

static void
check_changes(bool parked, size_t *at)
{
	size_t n = 0, line_at = parked ? 3 : 1;
	struct form *form;

	while (next(at) && memcmp(statement.sql.p, "RELEASE", 7) != 0) {
		form = form_read(statement.sql.p, statement.sql.len);
		MUST(form->why == NULL && form->table != NULL);
		if (n == 0)
			MUST(strcmp(form->table->name,
				 parked ? "parked_event" : "events_cursor") ==
			     0);
		for (size_t i = 0; i < statement.nvalues; i++)
			if (n == 0 &&
			    (i == line_at ||
				(parked && i + 1 == statement.nvalues)))
				MUST(is_value(
				    &statement.value[i], want.p, want.len));
			else
				MUST(is_clean(&statement.value[i]));
		form_free(form);
		n++;
	}
	MUST(n > 0);
	MUST(!parked || n == 1);
}

/* The line's value, valid until the next call, or a span whose p is NULL. */
static struct jsonspan
value_of(const char *line, size_t len)
{
	static struct buf mended;
	struct jsonspan text;
	const char *why;
	size_t at;

	text = jsontext_check(line, len, &why, &at);
	return text.p != NULL ? jsontext_mend(text, &mended) : text;
}

/* What is JSON to us is JSON to libjq. */
static void
check_jv(const char *line, size_t len)
{
	struct jsonspan text = value_of(line, len);
	jv v;

	if (text.p == NULL)
		return;
	v = jv_parse_sized(text.p, (int)text.len);
	MUST(jv_is_valid(v));
	jv_free(v);
}

/* The group's name: what stands between the quotes of its SAVEPOINT. */
static void
group_name(char name[600])
{
	const struct buf *s = &statement.sql;

	MUST(s->len > sizeof "SAVEPOINT \"\"" - 1 && s->len < 600);
	memcpy(name, s->p + 11, s->len - 12);
	name[s->len - 12] = '\0';
}

/* Is it a line of a list, which no filter takes? */
static bool
is_listed(const char *line, size_t len)
{
	struct jsonspan text;

	if (*decoder_event_id(d) != '\0')
		return false;
	text = value_of(line, len);
	return text.p != NULL && item_kind(text) != ITEM_NONE;
}

/* Its group, or the one that parks it, is one that wos-apply takes. */
static void
check_listed(void)
{
	char name[600];
	struct form *form;
	size_t at = 0;

	MUST(next(&at));
	group_name(name);
	MUST(is_bound("SAVEPOINT", name));
	while (next(&at) && !is_bound("RELEASE", name)) {
		form = form_read(statement.sql.p, statement.sql.len);
		MUST(form->why == NULL);
		form_free(form);
	}
	MUST(at == sql.len);
}

/* A leak checker does not see what libjq holds. */
static void
end(void)
{
	decoder_free(filtered);
	filter_free(filter);
}

static void
begin(void)
{
	filter = filter_new(".");
	d = decoder_new(NULL);
	filtered = decoder_new(filter);
	atexit(end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	const char *newline = memchr(data, '\n', size);
	size_t len = newline ? (size_t)(newline - line) : size, at = 0;
	char name[600], id[PARKED_ID_SIZE];
	bool parked;

	if (d == NULL)
		begin();
	buf_clear(&sql);
	buf_clear(&again);
	parked = decoder_line(d, line, len, len, &sql) == -1;
	check_jv(line, len);
	MUST((decoder_line(d, line, len, len, &again) == -1) == parked);
	MUST(again.len == sql.len && memcmp(again.p, sql.p, sql.len) == 0);
	if (is_listed(line, len)) {
		check_listed();
		return 0;
	}
	buf_clear(&again);
	decoder_line(filtered, line, len, len, &again);
	MUST(again.len == sql.len && memcmp(again.p, sql.p, sql.len) == 0);

	make_want(line, len);
	MUST(next(&at));
	group_name(name);
	MUST(is_bound("SAVEPOINT", name));
	if (parked && strncmp(name, "parked:", 7) == 0) {
		parked_id(line, len, len, id);
		MUST(strcmp(name, id) == 0);
	}
	check_changes(parked, &at);
	MUST(is_bound("RELEASE", name));
	MUST(!next(&at));
	return 0;
}
