/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a page of the list of events.  The first byte says which of its
 * events stay.  Their lines are what libjq finds in the page, in compact form
 * and one each; of a page that is no good nothing stays.
 */
#include "events/page.h"
#include "fuzz.h"

struct chosen {
	unsigned bits;
	size_t kept;
};

static bool
take(void *arg, const struct event *e)
{
	struct chosen *c = arg;
	bool stays = c->bits & 1U;

	MUST(e->id.p == NULL || (*e->id.p == '"' && e->id.len >= 2));
	c->bits = c->bits >> 1 | (c->bits & 1U) << 7;
	c->kept += stays;
	return stays;
}

static void
check_line(const char *line, size_t len, jv want)
{
	struct jsonspan value = read_line(line, len);
	struct buf compact = {0}, again = {0};
	struct event e;

	jsontext_compact(value, &compact);
	MUST(jsontext_is_alike(
	    value, (struct jsonspan){compact.p, compact.len}));
	MUST(page_read_event(line, len, &again, &e));
	MUST(again.len == len + 1 && memcmp(again.p, line, len) == 0);
	MUST(jv_equal(read_jv(value), want));
	buf_free(&compact);
	buf_free(&again);
}

static void
check_lines(const struct page *p, jv events, unsigned bits)
{
	const char *line = buf_str(p->lines), *end = line + p->lines->len;
	const char *newline;

	for (int i = 0; (size_t)i < p->n; i++, bits = bits >> 1 | bits << 7) {
		if ((bits & 1U) == 0)
			continue;
		newline = memchr(line, '\n', (size_t)(end - line));
		MUST(newline != NULL);
		check_line(line, (size_t)(newline - line),
		    jv_array_get(jv_copy(events), i));
		line = newline + 1;
	}
	MUST(line == end);
	jv_free(events);
}

static void
check_after(const struct page *p, jv metadata)
{
	jv after = jv_null();

	if (jv_get_kind(metadata) == JV_KIND_OBJECT)
		after = jv_object_get(jv_copy(metadata), jv_string("after"));
	if (jv_get_kind(after) == JV_KIND_STRING)
		MUST(strcmp(jv_string_value(after), p->after) == 0);
	else
		MUST(*p->after == '\0');
	jv_free(after);
	jv_free(metadata);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf lines = {0};
	struct chosen c = {0};
	struct page p = {.lines = &lines, .take = take, .arg = &c};
	const char *text = (const char *)data + 1, *why;
	struct jsonspan value;
	enum page_fault fault;
	size_t at;
	jv page;

	if (size-- == 0)
		return 0;
	c.bits = *data;
	fault = page_read(&p, text, size);
	value = jsontext_check(text, size, &why, &at);
	MUST((value.p == NULL) == (fault == PAGE_CUT || fault == PAGE_GARBLED));
	MUST((p.why == NULL) == (fault == PAGE_GOOD));
	if (fault == PAGE_GOOD) {
		page = read_jv(value);
		check_lines(
		    &p, jv_object_get(jv_copy(page), jv_string("data")), *data);
		if (is_utf8(text, size))
			check_after(&p,
			    jv_object_get(page, jv_string("list_metadata")));
		else
			jv_free(page);
	} else {
		MUST(lines.len == 0);
	}
	buf_free(&lines);
	return 0;
}
