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

/* A string: whose is it? */
static void
scan_string(
    struct scan *s, struct jsonspan value, bool is_id, struct inside *in)
{
	buf_clear(&s->text);
	json_string_read(&s->text, value.p, value.len);
	if (s->text.len == 0)
		return;
	if (erased_has_id(s->e, s->text.p, s->text.len))
		s->found = true;
	else if (is_id)
		in->other = true;
	if (erased_has_address(s->e, s->text.p, s->text.len, s->at, false))
		in->address = true;
}

static bool
names_id(struct jsonspan name)
{
	return jsontext_is(name, "id") || jsontext_is(name, "user_id");
}

/* Calls itself, no deeper than JSONTEXT_MAX_DEPTH. */
static void
scan_value(struct scan *s, struct jsonwalk *w, bool is_id, struct inside *in)
{
	struct inside own = {0};
	struct jsonspan name, value;

	if (*w->p == '{') {
		jsonwalk_into(w, '{');
		while (jsonwalk_member(w, &name)) {
			scan_string(s, name, false, &own);
			scan_value(s, w, names_id(name), &own);
		}
		s->found |= own.address && !own.other;
	} else if (*w->p == '[') {
		jsonwalk_into(w, '[');
		while (jsonwalk_element(w))
			scan_value(s, w, false, in);
	} else if (value = jsonwalk_value(w), *value.p == '"') {
		scan_string(s, value, is_id, in);
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
	scan_value(&s, &w, false, &in);
	buf_free(&s.text);
	return s.found || in.address;
}

/* What an id or an address is made of. */
static bool
is_part(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("_-.+@%!#$&*/=?^`{|}~", c) != NULL);
}

/* A run of such bytes, and what is left of it without the punctuation. */
static bool
is_of_one(const struct erased *e, const char *p, size_t len)
{
	if (erased_has_id(e, p, len) ||
	    erased_has_address(e, p, len, INT64_MIN, false))
		return true;
	while (len > 0 && !isalnum((unsigned char)p[len - 1]))
		len--;
	while (len > 0 && !isalnum((unsigned char)*p)) {
		p++;
		len--;
	}
	return erased_has_id(e, p, len) ||
	       erased_has_address(e, p, len, INT64_MIN, false);
}

bool
scan_text(const struct erased *e, const char *text, size_t len)
{
	size_t from = 0, to;

	for (; e->n > 0 && from < len; from = to + 1) {
		for (to = from; to < len && is_part(text[to]); to++)
			continue;
		if (to > from && is_of_one(e, text + from, to - from))
			return true;
	}
	return false;
}
