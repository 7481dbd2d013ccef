/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "d1_answer.h"
#include "json_string.h"
#include "log.h"

#define SQLITE_CODE ": SQLITE_"
#define EXTENDED " (extended"

/* What SQLite's codes mean, behind its text. */
static enum db_result
class_of_code(const char *code, const char *message)
{
	static const struct {
		const char *code; /* or what it begins with */
		enum db_result rc;
	} classes[] = {
	    {"CONSTRAINT", DB_REFUSED},
	    {"TOOBIG", DB_REFUSED},
	    {"MISMATCH", DB_REFUSED},
	    {"RANGE", DB_REFUSED},
	    {"ERROR", DB_REFUSED},
	    {"BUSY", DB_AGAIN},
	    {"LOCKED", DB_AGAIN},
	    {"NOMEM", DB_AGAIN},
	    {"INTERRUPT", DB_AGAIN},
	};

	if (strncmp(message, "no such table", strlen("no such table")) == 0)
		return DB_FAILED; /* of all statements alike */
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (strncmp(code, classes[i].code, strlen(classes[i].code)) ==
		    0)
			return classes[i].rc;
	return DB_FAILED;
}

/*
 * The last code in the text, which may be followed by "(extended: " and
 * another: words of the event's own may come before it.
 */
static const char *
code_of(const char *message)
{
	const char *found = NULL, *p = message;

	while ((p = strstr(p, SQLITE_CODE)) != NULL) {
		if (p - message < (ptrdiff_t)strlen(EXTENDED) ||
		    strncmp(p - strlen(EXTENDED), EXTENDED, strlen(EXTENDED)) !=
			0)
			found = p;
		p++;
	}
	return found;
}

enum db_result
d1_class(const char *message, bool *large)
{
	static const struct {
		const char *text;
		enum db_result rc;
		bool large;
	} known[] = {
	    {"free tier", DB_BUSY, false}, /* until midnight, UTC */
	    {"daily", DB_BUSY, false},
	    {"CPU time", DB_AGAIN, true},
	    {"memory limit", DB_AGAIN, true},
	    {"timeout", DB_AGAIN, true},
	    {"timed out", DB_AGAIN, true},
	    {"overloaded", DB_AGAIN, false},
	    {"connection lost", DB_AGAIN, false},
	    {"object to be reset", DB_AGAIN, false},
	    {"code was updated", DB_AGAIN, false},
	    {"internal error", DB_AGAIN, false},
	};
	const char *code = code_of(message);

	*large = false;
	if (code != NULL)
		return class_of_code(code + strlen(SQLITE_CODE), message);
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcasestr(message, known[i].text) != NULL) {
			*large = known[i].large;
			return known[i].rc;
		}
	return DB_FAILED;
}

/* The first error's text, as far as the body has one. */
static bool
find_message(const struct buf *body, struct buf *message, long *code)
{
	static const char *const name[] = {"message", "code"};
	struct jsonspan whole, errors, m[2];
	struct jsonwalk w;
	const char *why;
	size_t at;

	whole = jsontext_check(body->p, body->len, &why, &at);
	if (whole.p == NULL)
		return false;
	errors = jsontext_member(whole, "errors");
	if (errors.p == NULL)
		return false;
	jsonwalk_begin(&w, errors.p, errors.len);
	if (!jsonwalk_into(&w, '[') || !jsonwalk_element(&w) ||
	    !jsonwalk_pick(&w, 2, name, m) || !jsontext_is_string(m[0]))
		return false;
	json_string_read(message, m[0].p, m[0].len);
	*code = m[1].p != NULL ? strtol(m[1].p, NULL, 10) : 0;
	return true;
}

void
d1_refusal(struct buf *out, long status, const struct buf *body)
{
	char quote[LOG_QUOTE_SIZE];
	struct buf message = {0};
	long code;

	buf_printf(out, "%ld", status);
	if (body->len > 0 && find_message(body, &message, &code))
		buf_printf(out, ": %s (%ld)",
		    log_quote(quote, buf_str(&message), message.len), code);
	else if (body->len > 0)
		buf_printf(out, ": the answer begins: %s",
		    log_quote(quote, body->p, body->len));
	buf_free(&message);
}

static void
say(struct d1_answer *a, const char *text, size_t len)
{
	char quote[LOG_QUOTE_SIZE];

	snprintf(a->why, sizeof a->why, "%s",
	    log_quote(quote, len > 0 ? text : "", len));
}

/* The API has read the request, and says no. */
static void
read_refusal(struct d1_answer *a, const struct request *r)
{
	struct buf message = {0};
	const char *text, *code;
	long number;

	a->rc = DB_FAILED;
	if (r->status >= 400 && r->status != 401 && r->status != 403 &&
	    r->status != 404 && find_message(&r->body, &message, &number))
		a->rc = d1_class(buf_str(&message), &a->large);
	if (r->status == 413) {
		a->rc = DB_AGAIN;
		a->large = true;
	}
	if (a->rc == DB_REFUSED) { /* as SQLite itself would say it */
		text = buf_str(&message);
		code = code_of(text);
		say(a, text, (size_t)(code - text));
	} else {
		buf_clear(&message);
		d1_refusal(&message, r->status, &r->body);
		say(a, message.p, message.len);
	}
	buf_free(&message);
}

/* There may be an answer, but none to go by. */
static void
read_fault(struct d1_answer *a, const struct request *r)
{
	struct buf message = {0};
	long number;

	a->rc = r->answer == ANSWER_FAILED ? DB_FAILED : DB_AGAIN;
	if (r->status == 429) /* it was told to wait for long */
		a->rc = DB_BUSY;
	else if (r->status >= 500 && r->body.len > 0 &&
		 find_message(&r->body, &message, &number))
		d1_class(buf_str(&message), &a->large);
	buf_free(&message);
	say(a, r->why.p, r->why.len);
}

static void
read_page(struct d1_answer *a, const struct request *r)
{
	static const char *const name[] = {"success", "result"};
	struct jsonspan whole, m[2] = {{0}};
	const char *why;
	size_t at;

	whole = jsontext_check(
	    r->body.len > 0 ? r->body.p : "", r->body.len, &why, &at);
	if (whole.p != NULL && *whole.p == '{')
		jsontext_pick(whole, 2, name, m);
	if (m[0].p != NULL && m[0].len == 5 &&
	    memcmp(m[0].p, "false", 5) == 0) {
		read_refusal(a, r);
		return;
	}
	a->result = m[1];
	a->rc = m[0].p != NULL && m[1].p != NULL && m[0].len == 4 &&
			memcmp(m[0].p, "true", 4) == 0
		    ? DB_OK
		    : DB_FAILED;
	if (a->rc != DB_OK)
		snprintf(a->why, sizeof a->why, "the answer is not D1's");
}

void
d1_answer_read(struct d1_answer *a, const struct request *r)
{
	*a = (struct d1_answer){.rc = DB_FAILED};
	switch (r->answer) {
	case ANSWER_PAGE:
		read_page(a, r);
		break;
	case ANSWER_REFUSED:
		read_refusal(a, r);
		break;
	case ANSWER_LARGE:
		a->large = true;
		snprintf(a->why, sizeof a->why, "the answer is too large");
		break;
	default:
		read_fault(a, r);
	}
}

static int64_t
number_of(struct jsonspan value)
{
	return value.p != NULL ? strtoll(value.p, NULL, 10) : 0;
}

bool
d1_results_begin(struct jsonwalk *w, const struct d1_answer *a)
{
	jsonwalk_begin(w, a->result.p, a->result.len);
	return jsonwalk_into(w, '[');
}

bool
d1_results_next(struct jsonwalk *w, struct d1_result *r)
{
	static const char *const name[] = {"meta", "results"};
	static const char *const fact[] = {"changes", "size_after"};
	struct jsonspan m[2], f[2] = {{0}};

	*r = (struct d1_result){0};
	if (!jsonwalk_element(w) || !jsonwalk_pick(w, 2, name, m))
		return false;
	if (m[0].p != NULL && *m[0].p == '{')
		jsontext_pick(m[0], 2, fact, f);
	r->changes = number_of(f[0]);
	r->size = number_of(f[1]);
	if (m[1].p != NULL && *m[1].p == '{')
		r->rows = jsontext_member(m[1], "rows");
	return true;
}

bool
d1_rows_begin(struct jsonwalk *w, struct jsonspan rows)
{
	jsonwalk_begin(w, rows.p, rows.len);
	return rows.p != NULL && jsonwalk_into(w, '[');
}

/* A text is where `text` has it, which may move: its place comes later. */
static struct value
read_value(struct jsonspan json, struct buf *text)
{
	char *end;
	int64_t i;

	if (*json.p == '"') {
		struct value v = {.type = VALUE_TEXT, .i = (int64_t)text->len};

		json_string_read(text, json.p, json.len);
		v.len = text->len - (size_t)v.i;
		return v;
	}
	if (*json.p == 'n')
		return value_text(NULL);
	if (*json.p == 't' || *json.p == 'f')
		return value_int(*json.p == 't');
	errno = 0;
	i = strtoll(json.p, &end, 10);
	if (errno == 0 && end == json.p + json.len)
		return value_int(i);
	return value_bytes(json.p, json.len); /* a fraction, or a blob */
}

bool
d1_rows_next(struct jsonwalk *w, struct d1_row *row)
{
	struct jsonspan json;

	row->n = 0;
	row->bad = false;
	buf_clear(&row->text);
	if (!jsonwalk_element(w))
		return false;
	row->bad = !jsonwalk_into(w, '[');
	if (row->bad)
		return false;
	while (jsonwalk_element(w)) {
		json = jsonwalk_value(w);
		row->bad = json.p == NULL || row->n == DB_MAX_COLUMNS;
		if (row->bad)
			return false;
		row->value[row->n++] = read_value(json, &row->text);
	}
	buf_str(&row->text);
	for (size_t i = 0; i < row->n; i++)
		if (row->value[i].type == VALUE_TEXT &&
		    row->value[i].text == NULL)
			row->value[i].text = row->text.p + row->value[i].i;
	return w->why == NULL;
}

void
d1_row_release(struct d1_row *row)
{
	buf_free(&row->text);
}
