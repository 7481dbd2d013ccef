/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a page of a list of objects.  The first byte says of which list.
 * What its items' lines say is what libjq finds in the page, less the secrets,
 * and their ids are as plain as an address needs.
 */
#include "fuzz.h"
#include "lists/listpage.h"

/* An item as its line has to have it: without its secrets.  Takes it. */
static jv
without_secrets(const struct list *l, jv item)
{
	jv kept = jv_object();

	jv_object_foreach(item, name, value)
	{
		if (item_is_secret(l->table, jv_string_value(name),
			(size_t)jv_string_length_bytes(jv_copy(name)))) {
			jv_free(name);
			jv_free(value);
		} else {
			kept = jv_object_set(kept, name, value);
		}
	}
	jv_free(item);
	return kept;
}

static void
check_item(const struct item_place *at, struct jsonspan item, jv want)
{
	struct buf line = {0};
	char id[ITEM_ID_MAX + 1];
	size_t n;
	jv got;

	if (item_id(item, id))
		for (n = 0; id[n] != '\0'; n++)
			MUST(strchr("/?#&%\"\\", id[n]) == NULL && id[n] > ' ');
	(void)item_belongs(at->list, item);
	(void)item_counts(at->list, item);
	if (at->list->table == NULL) { /* it is there for its ids alone */
		jv_free(want);
	} else if (item_line(&line, at, item) == 0) {
		MUST(line.p[line.len - 1] == '\n');
		got = read_jv(read_line(line.p, line.len - 1));
		got = jv_object_get(got, jv_string("data"));
		/* What libjq makes of other bytes depends on what follows. */
		MUST(jv_equal(got, without_secrets(at->list, want)) ||
		     !is_utf8(item.p, item.len));
	} else {
		MUST(line.len == 0);
		jv_free(want);
	}
	buf_free(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf body = {0};
	struct listpage p;
	struct jsonwalk w;
	struct jsonspan item;
	struct item_place at = {.listed_at = "2026-11-28T12:00:00.000Z"};
	const char *why = NULL;
	size_t n;
	int i = 0;
	jv items;

	at.list = catalogue_lists(&n);
	if (size == 0)
		return 0;
	at.list += *data % n;
	buf_add(&body, data + 1, size - 1);
	if (listpage_parse(&p, &body, at.list->shape, &why) == PAGE_GOOD) {
		MUST(!p.backwards || *p.after == '\0');
		items = read_jv(p.data);
		MUST((size_t)jv_array_length(jv_copy(items)) == p.n);
		for (items_begin(&w, p.data); items_next(&w, &item); i++)
			check_item(&at, item, jv_array_get(jv_copy(items), i));
		jv_free(items);
	} else {
		MUST(why != NULL);
	}
	buf_free(&body);
	return 0;
}
