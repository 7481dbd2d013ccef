/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "statement.h"

/* The SQL has it for its values, and for nothing else. */
#define DOLLAR "a dollar sign"

struct reader {
	struct statement *s;
	const char *p;
	const char *end;
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void
add_sql(struct statement *s, const char *text, size_t len)
{
	if (len > STATEMENT_MAX_SQL - s->sql.len)
		s->why = "longer than a row change is";
	else
		buf_add(&s->sql, text, len);
}

static void
add_value(struct statement *s, struct value v)
{
	if (s->nvalues == STATEMENT_MAX_VALUES)
		s->why = "more literals than a statement may have";
	else
		s->value[s->nvalues++] = v;
}

/*
 * The quote that closes what begins at r->p, past doubled ones; NULL if the
 * text ends first.
 */
static const char *
closing_quote(const struct reader *r)
{
	const char *at = r->p + 1;

	while ((at = memchr(at, *r->p, (size_t)(r->end - at))) != NULL) {
		if (at + 1 == r->end)
			return NULL; /* may be doubled in what follows */
		if (at[1] != *r->p)
			return at;
		at += 2;
	}
	return NULL;
}

/*
 * Copies a literal with its doubled quotes made single.  The buffer must not
 * move while a statement points into it, so all of it is taken in advance.
 */
static struct value
unquote(struct statement *s, const char *p, const char *close)
{
	struct value v = value_bytes(s->unquoted.p + s->unquoted.len, 0);
	const char *at;

	while ((at = memchr(p, '\'', (size_t)(close - p))) != NULL) {
		buf_add(&s->unquoted, p, (size_t)(at - p) + 1);
		p = at + 2;
	}
	buf_add(&s->unquoted, p, (size_t)(close - p));
	v.len = (size_t)(s->unquoted.p + s->unquoted.len - v.text);
	return v;
}

/* Most texts have no quotes in them: the first one ends them. */
static inline bool
read_text(struct reader *r)
{
	const char *text = r->p + 1,
		   *close = memchr(text, '\'', (size_t)(r->end - text));

	if (close == NULL || close + 1 == r->end)
		return false; /* may be doubled in what follows */
	if (close[1] != '\'') {
		add_value(r->s, (struct value){.type = VALUE_TEXT,
				    .text = text,
				    .len = (size_t)(close - text)});
	} else {
		if ((close = closing_quote(r)) == NULL)
			return false;
		buf_reserve(&r->s->unquoted, (size_t)(r->end - r->p));
		add_value(r->s, unquote(r->s, text, close));
	}
	r->p = close + 1;
	return true;
}

static bool
read_name(struct reader *r)
{
	const char *close = closing_quote(r);

	if (close == NULL)
		return false;
	if (memchr(r->p, '$', (size_t)(close - r->p)) != NULL)
		r->s->why = DOLLAR;
	add_sql(r->s, r->p, (size_t)(close + 1 - r->p));
	r->p = close + 1;
	return true;
}

/* The words that are literals. */
static bool
add_constant(struct statement *s, const char *word, size_t len)
{
	if (len == 4 && memcmp(word, "NULL", len) == 0)
		add_value(s, (struct value){.type = VALUE_NULL});
	else if (len == 4 && memcmp(word, "TRUE", len) == 0)
		add_value(s, (struct value){.type = VALUE_BOOL, .i = 1});
	else if (len == 5 && memcmp(word, "FALSE", len) == 0)
		add_value(s, (struct value){.type = VALUE_BOOL, .i = 0});
	else
		return false;
	return true;
}

static bool
read_word(struct reader *r)
{
	const char *start = r->p;

	while (r->p < r->end && is_word(*r->p))
		r->p++;
	if (r->p == r->end)
		return false;
	if (!add_constant(r->s, start, (size_t)(r->p - start)))
		add_sql(r->s, start, (size_t)(r->p - start));
	return true;
}

/* So many digits fit into 64 bits, whichever they are. */
#define DIGITS_SAFE 18

/* Gathers digits below zero, where there is room for one number more. */
static bool
read_digits(struct reader *r, int64_t *i)
{
	const char *start = r->p;
	bool fits = true;

	for (*i = 0; r->p < r->end && is_digit(*r->p); r->p++)
		fits = fits && !__builtin_mul_overflow(*i, 10, i) &&
		       !__builtin_sub_overflow(*i, *r->p - '0', i);
	return fits && r->p > start;
}

/* One that is too long for its digits to fit, or goes on with a word. */
static bool
read_long(struct reader *r, bool negative)
{
	int64_t i;
	bool good = read_digits(r, &i) && (negative || i != INT64_MIN);

	for (; r->p < r->end && (is_word(*r->p) || *r->p == '.'); r->p++)
		good = false;
	if (r->p == r->end)
		return false;
	if (good)
		add_value(r->s, value_int(negative ? i : -i));
	else
		r->s->why = "a number that is no integer of 64 bits";
	return true;
}

static bool
read_integer(struct reader *r)
{
	bool negative = *r->p == '-';
	const char *first = r->p + negative, *p = first;
	uint64_t n = 0;
	int64_t i;

	for (; p < r->end && is_digit(*p); p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (p == r->end)
		return false;
	if (p == first || p - first > DIGITS_SAFE || is_word(*p) || *p == '.') {
		r->p = first;
		return read_long(r, negative);
	}
	i = (int64_t)n;
	add_value(
	    r->s, (struct value){.type = VALUE_INT, .i = negative ? -i : i});
	r->p = p;
	return true;
}

static void
read_space(struct reader *r)
{
	while (r->p < r->end && is_space(*r->p))
		r->p++;
	add_sql(r->s, " ", 1);
}

static bool
starts_integer(char c)
{
	return is_digit(c) || c == '-';
}

static bool
starts_comment(const struct reader *r)
{
	return (*r->p == '-' || *r->p == '/') && r->end - r->p > 1 &&
	       r->p[1] == (*r->p == '-' ? '-' : '*');
}

/* What it says is no SQL, whatever quotes it has. */
static bool
read_comment(struct reader *r)
{
	const char *text = r->p + 2, *close = *r->p == '-' ? "\n" : "*/";

	r->p = memmem(text, (size_t)(r->end - text), close, strlen(close));
	if (r->p == NULL)
		return false;
	r->p += strlen(close);
	r->s->why = "a comment";
	return true;
}

/* Reads one token.  Returns false if the text ends first. */
static bool
read_token(struct reader *r)
{
	char c = *r->p;

	if (c == '\'')
		return read_text(r);
	if (c == '"')
		return read_name(r);
	if (starts_comment(r))
		return read_comment(r);
	if (starts_integer(c))
		return read_integer(r);
	if (is_word(c))
		return read_word(r);
	if (is_space(c)) {
		read_space(r);
		return true;
	}
	if (c == '$')
		r->s->why = DOLLAR;
	add_sql(r->s, r->p++, 1);
	return true;
}

static inline bool
skip(struct reader *r, const struct piece *p)
{
	size_t len = p->len;

	if ((size_t)(r->end - r->p) < len)
		return false;
	if (len == 1 ? *r->p != *p->text : memcmp(r->p, p->text, len) != 0)
		return false;
	r->p += len;
	return true;
}

/*
 * Reads SAVEPOINT "name"; or RELEASE "name"; as wos-decode writes them: each
 * group has two, and they are too short to be read a token at a time.
 */
static bool
read_bound(struct reader *r)
{
	static const struct piece bound[] = {
	    {"SAVEPOINT \"", 11}, {"RELEASE \"", 9}};
	const char *text = r->p, *close;

	if (!skip(r, &bound[0]) && !skip(r, &bound[1]))
		return false;
	close = memchr(r->p, '"', (size_t)(r->end - r->p));
	if (close == NULL || close + 1 == r->end || close[1] != ';') {
		r->p = text;
		return false;
	}
	r->p = close + 1;
	add_sql(r->s, text, (size_t)(r->p - text));
	return true;
}

/* The mark of the last value. */
static void
add_mark(struct statement *s)
{
	char mark[8];
	int len = snprintf(mark, sizeof mark, "$%zu", s->nvalues);

	add_sql(s, mark, (size_t)len);
}

static struct reader
begin(struct statement *s, const char *text, size_t len)
{
	struct reader r = {s, text, text + len};

	buf_clear(&s->sql);
	buf_clear(&s->unquoted);
	s->nvalues = 0;
	s->why = NULL;
	while (r.p < r.end && is_space(*r.p))
		r.p++;
	s->lead = (size_t)(r.p - text);
	return r;
}

/*
 * It ends at r->p, if there is a semicolon.  One search for a NUL in all of it
 * is quicker than one in each text.
 */
static int
end(struct statement *s, const struct reader *r, const char *text)
{
	if (r->p == r->end || *r->p != ';')
		return 0;
	s->size = (size_t)(r->p + 1 - text);
	if (memchr(text, '\0', s->size) != NULL)
		s->why = "a NUL byte";
	return 1;
}

int
statement_read(struct statement *s, const char *text, size_t len)
{
	struct reader r = begin(s, text, len);
	size_t n;

	if (read_bound(&r))
		return end(s, &r, text);
	while (r.p < r.end && *r.p != ';') {
		n = s->nvalues;
		if (!read_token(&r))
			return 0;
		if (s->nvalues > n)
			add_mark(s);
	}
	return end(s, &r, text);
}

/* Reads a literal and nothing else. */
static bool
read_literal(struct reader *r)
{
	const char *start = r->p;

	if (r->p == r->end)
		return false;
	if (*r->p == '\'')
		return read_text(r);
	if (starts_integer(*r->p))
		return read_integer(r);
	while (r->p < r->end && is_word(*r->p))
		r->p++;
	return r->p < r->end &&
	       add_constant(r->s, start, (size_t)(r->p - start));
}

void
pattern_init(struct pattern *p, const char *sql, size_t len)
{
	const char *end = sql + len, *mark;
	struct piece *piece = p->piece;

	while (piece < p->piece + STATEMENT_MAX_VALUES &&
	       (mark = memchr(sql, '$', (size_t)(end - sql))) != NULL) {
		/* A word and its literal would have been one word: no match. */
		bool apart = mark > sql && !is_word(mark[-1]);

		*piece++ = (struct piece){
		    sql, apart ? (size_t)(mark - sql) : SIZE_MAX};
		for (sql = mark + 1; sql < end && is_digit(*sql);)
			sql++;
	}
	*piece = (struct piece){sql, (size_t)(end - sql)};
	p->nvalues = (size_t)(piece - p->piece);
}

int
statement_match(
    struct statement *s, const struct pattern *p, const char *text, size_t len)
{
	struct reader r = begin(s, text, len);

	for (size_t i = 0; i < p->nvalues; i++)
		if (!skip(&r, &p->piece[i]) || !read_literal(&r))
			return 0;
	return skip(&r, &p->piece[p->nvalues]) && end(s, &r, text) &&
	       s->why == NULL;
}

void
statement_release(struct statement *s)
{
	buf_free(&s->sql);
	buf_free(&s->unquoted);
}
