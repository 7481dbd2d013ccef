/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the text of JSON, and libjq.  What is taken for JSON is JSON to
 * libjq, and members, elements, strings, the compact form and whether two texts
 * are the same value are what libjq says they are.
 */
#include "fuzz.h"
#include "json_same.h"
#include "json_string.h"

static void check_value(struct jsonspan text, jv want);

static void
check_string(struct jsonspan text, jv want)
{
	struct buf read = {0}, written = {0};

	json_string_read(&read, text.p, text.len);
	json_string(&written, read.p, read.len);
	MUST(is_utf8(written.p, written.len));
	MUST(jv_equal(
	    read_jv(read_line(written.p, written.len)), jv_copy(want)));
	buf_free(&read);
	buf_free(&written);
	jv_free(want);
}

static void
check_array(struct jsonspan text, jv want)
{
	struct jsonwalk w;
	int n = 0;

	jsonwalk_begin(&w, text.p, text.len);
	MUST(jsonwalk_into(&w, '['));
	for (; jsonwalk_element(&w); n++)
		check_value(jsonwalk_value(&w), jv_array_get(jv_copy(want), n));
	MUST(jsonwalk_end(&w) && n == jv_array_length(want));
}

/* A name that stands twice has its last value, by each way to find it. */
static void
check_object(struct jsonspan text, jv want)
{
	struct jsonmembers members;
	const char *name;
	struct jsonspan found, picked;
	jv key, value;

	if (jsontext_members(text, &members) == 0)
		for (size_t i = 0; i < members.n; i++) {
			key = read_jv(members.member[i].name);
			name = jv_string_value(key);
			value = jv_object_get(jv_copy(want), jv_copy(key));
			MUST(jv_is_valid(value));
			found = jsontext_find(&members, name);
			jsontext_pick(text, 1, &name, &picked);
			if (found.p != NULL) { /* it is ASCII */
				MUST(found.p == picked.p);
				MUST(found.p == jsontext_member(text, name).p);
				check_value(found, value);
			} else {
				MUST(picked.p == NULL);
				jv_free(value);
			}
			jv_free(key);
		}
	jv_free(want);
}

static void
check_value(struct jsonspan text, jv want)
{
	MUST(text.p != NULL);
	switch (jv_get_kind(want)) {
	case JV_KIND_STRING:
		check_string(text, want);
		break;
	case JV_KIND_ARRAY:
		check_array(text, want);
		break;
	case JV_KIND_OBJECT:
		check_object(text, want);
		break;
	default:
		jv_free(want);
	}
}

/* Might there be an object with more members than are compared one by one? */
static bool
is_wide(struct jsonspan text)
{
	size_t commas = 0;

	for (size_t i = 0; i < text.len; i++)
		commas += text.p[i] == ',';
	return commas >= JSONTEXT_MAX_MEMBERS;
}

static void
check_compact(struct jsonspan text, jv want)
{
	struct buf compact = {0};
	struct jsonspan again;

	jsontext_compact(text, &compact);
	again = read_line(compact.p, compact.len);
	MUST(is_wide(text) ||
	     (json_same(text, again) && json_same(again, text)));
	MUST(jv_equal(read_jv(again), want));
	buf_free(&compact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf mended = {0};
	struct jsonspan text;
	const char *why = NULL;
	size_t at = size;
	jv value;

	text = jsontext_check((const char *)data, size, &why, &at);
	if (text.p == NULL) {
		MUST(why != NULL && at <= size);
		return 0;
	}
	MUST(text.p >= (const char *)data && text.len <= size);
	value = read_jv(text);
	check_compact(text, jv_copy(value));
	text = jsontext_mend(text, &mended);
	if (is_utf8(text.p, text.len))
		check_value(text, jv_copy(value));
	jv_free(value);
	buf_free(&mended);
	return 0;
}
