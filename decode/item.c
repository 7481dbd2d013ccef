/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "item.h"

enum item_kind
item_kind(struct jsonspan text)
{
	struct jsonspan object = jsontext_member(text, "object");

	if (!jsontext_is_string(object))
		return ITEM_NONE;
	if (jsontext_is(object, "list_item"))
		return ITEM_LINE;
	if (jsontext_is(object, "list_gone"))
		return ITEM_GONE;
	return jsontext_is(object, "list_end") ? ITEM_END : ITEM_NONE;
}

/* The table whose rows are listed, or NULL. */
static const struct table *
listed_table(struct event *e, struct jsonspan name)
{
	const struct table *t;

	if (!jsontext_is_string(name))
		return NULL;
	t = catalogue_table(event_name(e, name));
	return t != NULL && table_is_listed(t) ? t : NULL;
}

int
item_read(struct event *e, struct jsonspan text)
{
	enum { OF, PARENT_ID, AT, DATA, MEMBERS };
	static const char *const name[] = {"of", "parent", "listed_at", "data"};
	struct jsonspan m[MEMBERS];

	jsontext_pick(text, MEMBERS, name, m);
	if ((e->listed = listed_table(e, m[OF])) == NULL)
		return event_refuse(e, "of: not a table that is listed");
	e->parent = m[PARENT_ID];
	if (e->parent.p != NULL && !event_is_key(e, e->parent))
		return event_refuse(e, "parent: not an id");
	e->data = m[DATA];
	if (event_time(e, m[AT]) == -1)
		return event_refuse(e, "listed_at is missing or not a time");
	return 0;
}

int
item_count(struct event *e, struct jsonspan text, int64_t *count)
{
	struct jsonspan value = jsontext_member(text, "count");

	if (event_integer(value, count) == 0 && *count >= 0)
		return 0;
	return event_refuse(e, "count is missing or no number");
}

void
item_text(const struct event *e, const struct column *c, struct jsonspan *text)
{
	size_t n;
	const struct item_fact *f = item_facts(e->listed, &n);

	for (; n > 0; n--, f++) {
		if (strcmp(f->name, c->path) != 0)
			continue;
		if (f->kind == ITEM_PARENT)
			*text = e->parent;
		else if (f->kind == ITEM_AT)
			*text = jsontext_member(e->data, f->value);
		else if (f->kind == ITEM_RENAMED && jsontext_is_string(*text) &&
			 jsontext_is(*text, f->value))
			*text = (struct jsonspan){f->event, strlen(f->event)};
	}
}
