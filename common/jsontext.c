/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "jsontext.h"
#include "utf8.h"

/*
 * A cursor over the text.  The checking functions return NULL or the reason
 * why the text at p is not what they take.
 */
struct scan {
	const char *p;
	const char *end;
	unsigned depth;
};

static const char *check_value(struct scan *s);

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void
skip_space(struct scan *s)
{
	while (s->p < s->end && is_space(*s->p))
		s->p++;
}

static bool
at(const struct scan *s, char c)
{
	return s->p < s->end && *s->p == c;
}

static bool
take(struct scan *s, char c)
{
	if (!at(s, c))
		return false;
	s->p++;
	return true;
}

static bool
take_digits(struct scan *s)
{
	const char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > start;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const char *
check_escape(struct scan *s)
{
	if (s->p == s->end)
		return "the text ends inside a string";
	if (*s->p != 'u')
		return memchr("\"\\/bfnrt", *s->p++, 8) ? NULL
							: "unknown escape";
	s->p++;
	for (int i = 0; i < 4; i++)
		if (s->p == s->end || hex_value(*s->p++) == -1)
			return "\\u without four hex digits";
	return NULL;
}

/*
 * Most of a text is plain bytes of strings, so they are gone over eight at a
 * time: a byte below n, of those below 0x80, borrows when n is subtracted.
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
		if ((borrows & ~word & high) != 0)
			break;
	}
	while (p < end && !special[(unsigned char)*p])
		p++;
	return p;
}

static const char *
check_string(struct scan *s)
{
	const char *why;

	if (!take(s, '"'))
		return "expected a string";
	for (;;) {
		s->p = skip_plain(s->p, s->end);
		if (take(s, '"'))
			return NULL;
		if (s->p == s->end)
			return "the text ends inside a string";
		if (!take(s, '\\'))
			return "control character inside a string";
		if ((why = check_escape(s)) != NULL)
			return why;
	}
}

static const char *
check_number(struct scan *s)
{
	take(s, '-');
	if (!take(s, '0') && !take_digits(s))
		return "expected a value";
	if (take(s, '.') && !take_digits(s))
		return "number without digits after its point";
	if (at(s, 'e') || at(s, 'E')) {
		s->p++;
		if (!take(s, '+'))
			take(s, '-');
		if (!take_digits(s))
			return "number without digits in its exponent";
	}
	return NULL;
}

static const char *
check_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
		return "expected a value";
	s->p += len;
	return NULL;
}

static const char *
check_member(struct scan *s)
{
	const char *why;

	if ((why = check_string(s)) != NULL)
		return why;
	skip_space(s);
	if (!take(s, ':'))
		return "expected ':' after a member's name";
	return check_value(s);
}

/* The rest of an object or an array, after its opening bracket. */
static const char *
check_items(struct scan *s, char close, const char *(*item)(struct scan *))
{
	const char *why;

	if (++s->depth > JSONTEXT_MAX_DEPTH)
		return "nested too deeply";
	skip_space(s);
	if (!take(s, close)) {
		do {
			skip_space(s);
			if ((why = item(s)) != NULL)
				return why;
			skip_space(s);
		} while (take(s, ','));
		if (!take(s, close))
			return close == '}' ? "expected ',' or '}'"
					    : "expected ',' or ']'";
	}
	s->depth--;
	return NULL;
}

/* Recursive, but never deeper than JSONTEXT_MAX_DEPTH. */
static const char *
check_value(struct scan *s)
{
	skip_space(s);
	if (s->p == s->end)
		return "the text ends where a value should be";
	switch (*s->p) {
	case '{':
		s->p++;
		return check_items(s, '}', check_member);
	case '[':
		s->p++;
		return check_items(s, ']', check_value);
	case '"':
		return check_string(s);
	case 't':
		return check_word(s, "true");
	case 'f':
		return check_word(s, "false");
	case 'n':
		return check_word(s, "null");
	default:
		return check_number(s);
	}
}

struct jsonspan
jsontext_check(const char *text, size_t len, const char **why, size_t *at)
{
	struct scan s = {text, text + len, 0};
	struct jsonspan value = {0};

	skip_space(&s);
	value.p = s.p;
	*why = check_value(&s);
	value.len = (size_t)(s.p - value.p);
	skip_space(&s);
	if (*why == NULL && s.p != s.end)
		*why = "more text after the value";
	*at = (size_t)(s.p - text);
	if (*why != NULL)
		value = (struct jsonspan){0};
	return value;
}

/* From here on the text is known to be good. */

/* Most strings have no backslash, and end at the first quote. */
static const char *
string_end(const char *p, const char *end)
{
	const char *quote = memchr(p + 1, '"', (size_t)(end - p) - 1);

	if (quote[-1] != '\\' || quote - 1 == p)
		return quote + 1;
	for (p++; *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

static const char *
value_end(const char *p, const char *end)
{
	unsigned depth = 0;

	if (*p == '"')
		return string_end(p, end);
	do {
		switch (*p) {
		case '"':
			p = string_end(p, end);
			break;
		case '{':
		case '[':
			depth++;
			p++;
			break;
		case '}':
		case ']':
			depth--;
			p++;
			break;
		case ',':
		case ':':
		case ' ':
		case '\n':
		case '\t':
		case '\r':
			p++;
			break;
		default: /* a number or a word */
			while (p < end && memchr(",]} \n\t\r", *p, 7) == NULL)
				p++;
		}
	} while (depth > 0);
	return p;
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
				c = c * 16 + hex_value(*++p);
		} else if (c == '\\') {
			c = meaning[strchr(letter, *p) - letter];
		}
		if (c != (unsigned char)*name || c == '\0' || c > 127)
			return false;
	}
	return *name == '\0';
}

/*
 * Is it the member of that name?  Mostly the first letter says that it is not.
 * A name with escapes in it is longer than what it means.
 */
static inline bool
is_named(struct jsonspan member, const char *name)
{
	size_t len;

	if (member.p[1] != *name && member.p[1] != '\\')
		return false;
	len = strlen(name);
	if (member.len == len + 2)
		return memcmp(member.p + 1, name, len) == 0;
	return member.len > len + 2 && string_is(member.p, name);
}

/* The next thing in the text that is neither white space nor in `skip`. */
static const char *
next_token(const char *p, char skip)
{
	while (is_space(*p) || *p == skip)
		p++;
	return p;
}

/*
 * Takes the member that begins at *p, past commas, and moves *p behind it.
 * Returns false at the object's end.
 */
static bool
next_member(const char **p, const char *end, struct jsonspan *name,
    struct jsonspan *value)
{
	name->p = next_token(*p, ',');
	if (*name->p == '}')
		return false;
	*p = string_end(name->p, end);
	name->len = (size_t)(*p - name->p);
	value->p = next_token(*p, ':');
	*p = value_end(value->p, end);
	value->len = (size_t)(*p - value->p);
	return true;
}

void
jsontext_pick(struct jsonspan object, size_t n, const char *const wanted[],
    struct jsonspan found[])
{
	struct jsonspan name, value;
	const char *p;

	for (size_t i = 0; i < n; i++)
		found[i] = (struct jsonspan){0};
	if (object.p == NULL || *object.p != '{')
		return;
	p = object.p + 1;
	while (next_member(&p, object.p + object.len, &name, &value))
		for (size_t i = 0; i < n; i++)
			if (is_named(name, wanted[i]))
				found[i] = value;
}

struct jsonspan
jsontext_member(struct jsonspan object, const char *name)
{
	struct jsonspan found;

	jsontext_pick(object, 1, &name, &found);
	return found;
}

int
jsontext_members(struct jsonspan object, struct jsonmembers *members)
{
	struct jsonspan name, value;
	const char *p;

	members->n = 0;
	if (object.p == NULL || *object.p != '{')
		return -1;
	p = object.p + 1;
	while (next_member(&p, object.p + object.len, &name, &value)) {
		if (members->n == JSONTEXT_MAX_MEMBERS)
			return -1;
		members->member[members->n].name = name;
		members->member[members->n++].value = value;
	}
	return 0;
}

struct jsonspan
jsontext_find(const struct jsonmembers *members, const char *name)
{
	for (size_t i = members->n; i-- > 0;)
		if (is_named(members->member[i].name, name))
			return members->member[i].value;
	return (struct jsonspan){0};
}

bool
jsontext_element(
    struct jsonspan array, const char **next, struct jsonspan *element)
{
	const char *p;

	if (array.p == NULL || *array.p != '[')
		return false;
	p = next_token(*next ? *next : array.p + 1, ',');
	if (*p == ']')
		return false;
	*next = value_end(p, array.p + array.len);
	*element = (struct jsonspan){p, (size_t)(*next - p)};
	return true;
}

void
jsontext_compact(struct jsonspan value, struct buf *out)
{
	const char *p = value.p, *end = p + value.len, *start;

	buf_reserve(out, value.len);
	while (p < end) {
		for (start = p; p < end && !is_space(*p);)
			p = *p == '"' ? string_end(p, end) : p + 1;
		buf_add(out, start, (size_t)(p - start));
		while (p < end && is_space(*p))
			p++;
	}
}

static unsigned
hex4(const char *p)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++)
		value = value * 16 + (unsigned)hex_value(p[i]);
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
