/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/page.h"
#include "item.h"
#include "json_string.h"

void
items_begin(struct jsonwalk *w, struct jsonspan array)
{
	jsonwalk_begin(w, array.p != NULL ? array.p : "", array.len);
	(void)jsonwalk_into(w, '[');
}

bool
items_next(struct jsonwalk *w, struct jsonspan *item)
{
	if (!jsonwalk_element(w))
		return false;
	*item = jsonwalk_value(w);
	return item->p != NULL;
}

static bool
is_plain(const char *id)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789_-";

	return *id != '\0' && id[strspn(id, plain)] == '\0';
}

bool
item_id(struct jsonspan item, char id[ITEM_ID_MAX + 1])
{
	return page_string(jsontext_member(item, "id"), id, ITEM_ID_MAX + 1) !=
		   -1 &&
	       is_plain(id);
}

bool
item_belongs(const struct list *l, struct jsonspan item)
{
	size_t n = 0;
	const struct item_fact *f = l->table ? item_facts(l->table, &n) : NULL;
	char value[COLUMN_NAME_SIZE];

	for (; n > 0; n--, f++)
		if (f->kind == ITEM_ONLY &&
		    page_string(jsontext_member(item, f->name), value,
			sizeof value) != -1 &&
		    strcmp(value, f->value) != 0)
			return false;
	return true;
}

/* The number at a path of members; what is none has so many digits at most. */
static bool
number_at(struct jsonspan value, const char *path, uint64_t *number)
{
	char name[COLUMN_NAME_SIZE], digits[16];
	size_t len;

	for (; *path != '\0'; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		snprintf(name, sizeof name, "%.*s", (int)len, path);
		value = jsontext_member(value, name);
	}
	if (value.p == NULL || value.len >= sizeof digits)
		return false;
	memcpy(digits, value.p, value.len);
	digits[value.len] = '\0';
	*number = strtoull(digits, NULL, 10);
	return digits[strspn(digits, "0123456789")] == '\0';
}

uint64_t
item_counts(const struct list *of, struct jsonspan item)
{
	size_t n = 0;
	const struct item_fact *f =
	    of->table != NULL ? item_facts(of->table, &n) : NULL;
	uint64_t sum = ITEM_UNCOUNTED, number;

	for (; n > 0; n--, f++) {
		if (f->kind != ITEM_COUNTED)
			continue;
		if (!number_at(item, f->name, &number))
			return ITEM_UNCOUNTED;
		sum = (sum == ITEM_UNCOUNTED ? 0 : sum) + number;
	}
	return sum;
}

static void
add_place(struct buf *out, const char *object, const struct item_place *at)
{
	buf_printf(
	    out, "{\"object\":\"%s\",\"of\":\"%s\"", object, at->list->of);
	if (at->parent != NULL)
		buf_printf(out, ",\"parent\":\"%s\"", at->parent);
	buf_printf(out, ",\"listed_at\":\"%s\"", at->listed_at);
}

/* However it is written, and however long what follows a secret's beginning. */
static bool
is_secret(const struct table *t, struct jsonspan name)
{
	struct buf text = {0};
	bool secret;

	json_string_read(&text, name.p, name.len);
	secret = item_is_secret(t, buf_str(&text), text.len);
	buf_free(&text);
	return secret;
}

static void
add_members(
    struct buf *out, const struct table *t, const struct jsonmembers *members)
{
	const char *comma = "";

	buf_putc(out, '{');
	for (size_t i = 0; i < members->n; i++) {
		if (is_secret(t, members->member[i].name))
			continue;
		buf_puts(out, comma);
		buf_add(out, members->member[i].name.p,
		    members->member[i].name.len);
		buf_putc(out, ':');
		jsontext_compact(members->member[i].value, out);
		comma = ",";
	}
	buf_putc(out, '}');
}

int
item_line(struct buf *out, const struct item_place *at, struct jsonspan item)
{
	struct jsonmembers members;

	if (jsontext_members(item, &members) == -1)
		return -1;
	add_place(out, "list_item", at);
	buf_puts(out, ",\"data\":");
	add_members(out, at->list->table, &members);
	buf_puts(out, "}\n");
	return 0;
}

void
item_end(struct buf *out, const struct item_place *at, uint64_t count)
{
	add_place(out, "list_end", at);
	buf_printf(out, ",\"count\":%" PRIu64 "}\n", count);
}
