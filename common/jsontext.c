/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hex.h"
#include "jsontext.h"
#include "utf8.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Ends the walk where it is.  Returns false. */
static bool
fail(struct jsonwalk *w, const char *why)
{
	w->why = why;
	return false;
}

/* Adds what was passed since the last time to what is kept. */
static void
keep(struct jsonwalk *w)
{
	buf_add(w->out, w->from, (size_t)(w->p - w->from));
}

static void
skip_some_space(struct jsonwalk *w)
{
	if (w->out != NULL)
		keep(w);
	while (w->p < w->end && is_space(*w->p))
		w->p++;
	w->from = w->p;
}

static inline void
skip_space(struct jsonwalk *w)
{
	if (w->p < w->end && is_space(*w->p))
		skip_some_space(w);
}

static inline bool
at(const struct jsonwalk *w, char c)
{
	return w->p < w->end && *w->p == c;
}

static inline bool
take(struct jsonwalk *w, char c)
{
	if (!at(w, c))
		return false;
	w->p++;
	return true;
}

static bool
take_digits(struct jsonwalk *w)
{
	const char *start = w->p;

	while (w->p < w->end && *w->p >= '0' && *w->p <= '9')
		w->p++;
	return w->p > start;
}

static bool
pass_escape(struct jsonwalk *w)
{
	if (w->p == w->end)
		return fail(w, "the text ends inside a string");
	if (*w->p != 'u')
		return memchr("\"\\/bfnrt", *w->p++, 8) != NULL ||
		       fail(w, "unknown escape");
	w->p++;
	for (int i = 0; i < 4; i++)
		if (w->p == w->end || hex_digit(*w->p++) == -1)
			return fail(w, "\\u without four hex digits");
	return true;
}

/*
 * Most of a text is plain bytes of strings, so they are gone over eight at a
 * time: a byte below n, of those below 0x80, borrows when n is subtracted.  The
 * first borrow is one, whatever it does to those above it.
 */
static const char *
skip_plain(const char *p, const char *end)
{
	static const bool special[256] = {
	    [0 ... 0x1F] = true, ['"'] = true, ['\\'] = true};
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t word, borrows;

	for (; end - p >= (ptrdiff_t)sizeof word; p += sizeof word) {
		memcpy(&word, p, sizeof word);
		borrows = (word - 0x20 * ones) | ((word ^ '"' * ones) - ones) |
			  ((word ^ '\\' * ones) - ones);
		if ((borrows &= ~word & high) == 0)
			continue;
		if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
			return p + __builtin_ctzll(borrows) / 8;
		break;
	}
	while (p < end && !special[(unsigned char)*p])
		p++;
	return p;
}

static bool
pass_string(struct jsonwalk *w)
{
	if (!take(w, '"'))
		return fail(w, "expected a string");
	for (;;) {
		w->p = skip_plain(w->p, w->end);
		if (take(w, '"'))
			return true;
		if (w->p == w->end)
			return fail(w, "the text ends inside a string");
		if (!take(w, '\\'))
			return fail(w, "control character inside a string");
		if (!pass_escape(w))
			return false;
	}
}

static bool
pass_number(struct jsonwalk *w)
{
	take(w, '-');
	if (!take(w, '0') && !take_digits(w))
		return fail(w, "expected a value");
	if (take(w, '.') && !take_digits(w))
		return fail(w, "number without digits after its point");
	if (take(w, 'e') || take(w, 'E')) {
		if (!take(w, '+'))
			take(w, '-');
		if (!take_digits(w))
			return fail(w, "number without digits in its exponent");
	}
	return true;
}

static bool
pass_word(struct jsonwalk *w, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(w->end - w->p) < len || memcmp(w->p, word, len) != 0)
		return fail(w, "expected a value");
	w->p += len;
	return true;
}

void
jsonwalk_begin(struct jsonwalk *w, const char *text, size_t len)
{
	/* Where there is no value, there is no address to add to either. */
	*w = (struct jsonwalk){
	    .p = text, .end = len > 0 ? text + len : text, .from = text};
	skip_space(w);
}

bool
jsonwalk_into(struct jsonwalk *w, char bracket)
{
	if (w->why != NULL || !take(w, bracket))
		return false;
	if (++w->depth > JSONTEXT_MAX_DEPTH)
		return fail(w, "nested too deeply");
	w->first = true;
	return true;
}

/* Goes to the next item, or past the bracket that closes them all. */
static bool
next_item(struct jsonwalk *w, char close)
{
	bool first = w->first;

	if (w->why != NULL)
		return false;
	w->first = false;
	skip_space(w);
	if (take(w, close)) {
		w->depth--;
		return false;
	}
	if (!first && !take(w, ','))
		return fail(w, close == '}' ? "expected ',' or '}'"
					    : "expected ',' or ']'");
	skip_space(w);
	return true;
}

bool
jsonwalk_element(struct jsonwalk *w)
{
	return next_item(w, ']');
}

bool
jsonwalk_member(struct jsonwalk *w, struct jsonspan *name)
{
	if (!next_item(w, '}'))
		return false;
	name->p = w->p;
	if (!pass_string(w))
		return false;
	name->len = (size_t)(w->p - name->p);
	skip_space(w);
	if (!take(w, ':'))
		return fail(w, "expected ':' after a member's name");
	skip_space(w);
	return true;
}

/* Calls itself, but never deeper than JSONTEXT_MAX_DEPTH. */
static bool
pass_value(struct jsonwalk *w)
{
	struct jsonspan name;

	if (w->p == w->end)
		return fail(w, "the text ends where a value should be");
	switch (*w->p) {
	case '{':
		jsonwalk_into(w, '{');
		while (jsonwalk_member(w, &name) && pass_value(w))
			continue;
		return w->why == NULL;
	case '[':
		jsonwalk_into(w, '[');
		while (jsonwalk_element(w) && pass_value(w))
			continue;
		return w->why == NULL;
	case '"':
		return pass_string(w);
	case 't':
		return pass_word(w, "true");
	case 'f':
		return pass_word(w, "false");
	case 'n':
		return pass_word(w, "null");
	default:
		return pass_number(w);
	}
}

struct jsonspan
jsonwalk_value(struct jsonwalk *w)
{
	struct jsonspan value = {.p = w->p};

	if (w->why != NULL || !pass_value(w))
		return (struct jsonspan){0};
	value.len = (size_t)(w->p - value.p);
	return value;
}

bool
jsonwalk_end(struct jsonwalk *w)
{
	skip_space(w);
	if (w->why == NULL && w->p != w->end)
		fail(w, "more text after the value");
	return w->why == NULL;
}

void
jsonwalk_keep(struct jsonwalk *w, struct buf *out)
{
	w->out = out;
	w->from = w->p;
}

void
jsonwalk_kept(struct jsonwalk *w)
{
	keep(w);
	w->out = NULL;
}

struct jsonspan
jsontext_check(const char *text, size_t len, const char **why, size_t *at)
{
	struct jsonwalk w;
	struct jsonspan value;

	jsonwalk_begin(&w, text, len);
	value = jsonwalk_value(&w);
	if (!jsonwalk_end(&w))
		value = (struct jsonspan){0};
	*why = w.why;
	*at = (size_t)(w.p - text);
	return value;
}

/* Is the string that begins at p the name?  Names are ASCII. */
static bool
string_is(const char *p, const char *name)
{
	static const char letter[] = "\"\\/bfnrt",
			  meaning[] = "\"\\/\b\f\n\r\t";

	for (p++; *p != '"'; p++, name++) {
		int c = (unsigned char)*p;

		if (c == '\\' && *++p == 'u') {
			c = 0;
			for (int i = 0; i < 4; i++)
				c = c * 16 + hex_digit(*++p);
		} else if (c == '\\') {
			c = meaning[strchr(letter, *p) - letter];
		}
		if (c != (unsigned char)*name || c == '\0' || c > 127)
			return false;
	}
	return *name == '\0';
}

/*
 * Mostly the first letter says that it is another name.  One with escapes in it
 * is longer than what it means.
 */
static inline bool
is(struct jsonspan member, const char *name)
{
	size_t len;

	if (member.p[1] != *name && member.p[1] != '\\')
		return false;
	len = strlen(name);
	if (member.len == len + 2)
		return memcmp(member.p + 1, name, len) == 0;
	return member.len > len + 2 && string_is(member.p, name);
}

bool
jsontext_is(struct jsonspan member, const char *name)
{
	return is(member, name);
}

bool
jsonwalk_pick(struct jsonwalk *w, size_t n, const char *const wanted[],
    struct jsonspan found[])
{
	struct jsonspan name, value;

	for (size_t i = 0; i < n; i++)
		found[i] = (struct jsonspan){0};
	if (!jsonwalk_into(w, '{'))
		return false;
	while (jsonwalk_member(w, &name)) {
		value = jsonwalk_value(w);
		for (size_t i = 0; i < n; i++)
			if (is(name, wanted[i]))
				found[i] = value;
	}
	return true;
}

void
jsontext_pick(struct jsonspan object, size_t n, const char *const wanted[],
    struct jsonspan found[])
{
	struct jsonwalk w;

	jsonwalk_begin(&w, object.p, object.len);
	jsonwalk_pick(&w, n, wanted, found);
}

struct jsonspan
jsontext_member(struct jsonspan object, const char *name)
{
	struct jsonspan found;

	jsontext_pick(object, 1, &name, &found);
	return found;
}

struct jsonspan
jsontext_at(struct jsonspan value, const char *path)
{
	char part[JSONTEXT_MAX_NAME];
	size_t len;

	for (; *path != '\0'; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		if (len >= sizeof part)
			return (struct jsonspan){0};
		memcpy(part, path, len);
		part[len] = '\0';
		value = jsontext_member(value, part);
	}
	return value;
}

int
jsontext_members(struct jsonspan object, struct jsonmembers *members)
{
	struct jsonspan name;
	struct jsonwalk w;

	members->n = 0;
	jsonwalk_begin(&w, object.p, object.len);
	if (!jsonwalk_into(&w, '{'))
		return -1;
	while (jsonwalk_member(&w, &name)) {
		if (members->n == JSONTEXT_MAX_MEMBERS)
			return -1;
		members->member[members->n].name = name;
		members->member[members->n++].value = jsonwalk_value(&w);
	}
	return 0;
}

struct jsonspan
jsontext_find(const struct jsonmembers *members, const char *name)
{
	for (size_t i = members->n; i-- > 0;)
		if (is(members->member[i].name, name))
			return members->member[i].value;
	return (struct jsonspan){0};
}

void
jsontext_compact(struct jsonspan value, struct buf *out)
{
	struct jsonwalk w;

	buf_reserve(out, value.len);
	jsonwalk_begin(&w, value.p, value.len);
	jsonwalk_keep(&w, out);
	jsonwalk_value(&w);
	jsonwalk_kept(&w);
}

static unsigned
hex4(const char *p)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++)
		value = value * 16 + (unsigned)hex_digit(p[i]);
	return value;
}

/*
 * The length of the escape, or of the pair of them, that p begins with, and
 * in *whole whether it stands for a character that a text can hold.
 */
static size_t
escape_length(const char *p, const char *end, bool *whole)
{
	unsigned code;

	*whole = true;
	if (p[1] != 'u')
		return 2;
	code = hex4(p + 2);
	if (code >= 0xD800 && code <= 0xDBFF && end - p >= 12 && p[6] == '\\' &&
	    p[7] == 'u' && (hex4(p + 8) & 0xFC00) == 0xDC00)
		return 12;
	*whole = code != 0 && (code < 0xD800 || code > 0xDFFF);
	return 6;
}

struct jsonspan
jsontext_mend(struct jsonspan value, struct buf *mended)
{
	const char *p = value.p, *end = p + value.len, *at;
	size_t n;
	bool whole;

	buf_clear(mended);
	while ((at = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		n = escape_length(at, end, &whole);
		buf_add(mended, p, (size_t)(at - p));
		if (whole)
			buf_add(mended, at, n);
		else
			buf_puts(mended, UTF8_REPLACEMENT);
		p = at + n;
	}
	if (mended->len == 0)
		return value;
	buf_add(mended, p, (size_t)(end - p));
	return (struct jsonspan){mended->p, mended->len};
}
