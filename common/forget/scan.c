/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "buf.h"
#include "forget/scan.h"
#include "json_string.h"

struct scan {
	const struct erased *e;
	int64_t at;
	bool found;
	struct buf text;
};

/* What an object has in it. */
struct inside {
	bool address; /* of one who was erased, */
	bool other;   /* and an id that is nobody's of them */
};

/*
 * Does a member of this name, with this value, name a person?  What nobody
 * declares has an id of its own, too: a person's is user_... or
 * directory_user_...
 */
static bool
names_person(struct jsonspan name, const char *id, size_t len)
{
	if (!jsontext_is(name, "id"))
		return jsontext_is(name, "user_id");
	while (len > 0 && id[len - 1] != '_')
		len--;
	return (len >= 5 && memcmp(id + len - 5, "user_", 5) == 0) ||
	       (len >= 4 && memcmp(id + len - 4, "usr_", 4) == 0);
}

/* A string, which may be the value of a member: whose is it? */
static void
scan_string(struct scan *s, struct jsonspan value, struct jsonspan name,
    struct inside *in)
{
	const char *text;
	size_t len;

	buf_clear(&s->text);
	json_string_read(&s->text, value.p, value.len);
	text = buf_str(&s->text);
	len = s->text.len;
	if (len == 0)
		return;
	if (erased_has_id(s->e, text, len))
		s->found = true;
	else if (name.p != NULL && names_person(name, text, len))
		in->other = true;
	if (!erased_has_address(s->e, text, len, s->at, false))
		return;
	in->address = true;
	s->found |= erased_has_address(s->e, text, len, s->at, true);
}

/* Calls itself, no deeper than JSONTEXT_MAX_DEPTH. */
static void
scan_value(
    struct scan *s, struct jsonwalk *w, struct jsonspan of, struct inside *in)
{
	static const struct jsonspan none;
	struct inside own = {0};
	struct jsonspan name, value;

	if (*w->p == '{') {
		jsonwalk_into(w, '{');
		while (jsonwalk_member(w, &name)) {
			scan_string(s, name, none, &own);
			scan_value(s, w, name, &own);
		}
		s->found |= own.address && !own.other;
	} else if (*w->p == '[') {
		jsonwalk_into(w, '[');
		while (jsonwalk_element(w))
			scan_value(s, w, none, in);
	} else if (value = jsonwalk_value(w), *value.p == '"') {
		scan_string(s, value, of, in);
	}
}

bool
scan_finds(const struct erased *e, struct jsonspan value, int64_t at)
{
	struct scan s = {.e = e, .at = at};
	struct inside in = {0};
	struct jsonwalk w;

	if (e->n == 0)
		return false;
	jsonwalk_begin(&w, value.p, value.len);
	scan_value(&s, &w, (struct jsonspan){0}, &in);
	buf_free(&s.text);
	return s.found || in.address;
}

/* What an id or an address is made of; a quote may be the end of a literal. */
static bool
is_part(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("_-.+@%!#$&*/=?^`{|}~'", c) != NULL);
}

static bool
is_letter(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool
is_one(const struct erased *e, const char *p, size_t len)
{
	return erased_has_id(e, p, len) ||
	       erased_has_address(e, p, len, INT64_MIN, false);
}

/* Such bytes, or what is left of them without the punctuation around them. */
static bool
is_of_one(const struct erased *e, const char *p, size_t len)
{
	if (is_one(e, p, len))
		return true;
	while (len > 0 && !is_letter(p[len - 1]))
		len--;
	while (len > 0 && !is_letter(*p)) {
		p++;
		len--;
	}
	return is_one(e, p, len);
}

/*
 * A run of such bytes: o'brien@example.com, of which a literal of SQL doubles
 * the quote, or what has such a literal in it.
 */
static bool
is_in_run(const struct erased *e, const char *p, size_t len)
{
	struct buf once = {0};
	bool found = is_of_one(e, p, len);
	size_t from = 0, to;

	if (found || memchr(p, '\'', len) == NULL)
		return found;
	for (size_t i = 0; i < len; i++)
		if (i == 0 || p[i] != '\'' || p[i - 1] != '\'')
			buf_putc(&once, p[i]);
	found = is_of_one(e, once.p, once.len);
	buf_free(&once);
	for (; !found && from < len; from = to + 1) {
		for (to = from; to < len && p[to] != '\''; to++)
			continue;
		found = is_of_one(e, p + from, to - from);
	}
	return found;
}

static bool
scan_runs(const struct erased *e, const char *text, size_t len)
{
	size_t from = 0, to;

	for (; from < len; from = to + 1) {
		for (to = from; to < len && is_part(text[to]); to++)
			continue;
		if (to > from && is_in_run(e, text + from, to - from))
			return true;
	}
	return false;
}

/* How long the escape of JSON is that it begins with; 0 if there is none. */
static size_t
escape_length(const char *text, size_t len)
{
	if (len < 2 || *text != '\\' || text[1] == '\0' ||
	    strchr("\"\\/bfnrtu", text[1]) == NULL)
		return 0;
	if (text[1] != 'u')
		return 2;
	for (size_t i = 2; i < 6; i++)
		if (i >= len || !isxdigit((unsigned char)text[i]))
			return 0;
	return 6;
}

/*
 * Adds the text as strings of JSON say it, escapes that stand together at once:
 * two may be a pair.
 */
static void
unescape(struct buf *out, const char *text, size_t len)
{
	struct buf escapes = {0};
	size_t n;

	for (size_t i = 0; i < len;) {
		buf_clear(&escapes);
		buf_putc(&escapes, '"');
		for (; (n = escape_length(text + i, len - i)) > 0; i += n)
			buf_add(&escapes, text + i, n);
		buf_putc(&escapes, '"');
		if (escapes.len > 2)
			json_string_read(out, escapes.p, escapes.len);
		else
			buf_putc(out, text[i++]);
	}
	buf_free(&escapes);
}

bool
scan_text(const struct erased *e, const char *text, size_t len)
{
	struct buf plain = {0};
	bool found;

	if (e->n == 0 || len == 0)
		return false;
	found = scan_runs(e, text, len);
	if (!found && memchr(text, '\\', len) != NULL) {
		unescape(&plain, text, len);
		found = scan_runs(e, plain.p, plain.len);
		buf_free(&plain);
	}
	return found;
}
