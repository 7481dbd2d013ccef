/* SPDX-License-Identifier: MIT */
#include "listpage.h"

static bool
is_kind(struct jsonspan value, char first)
{
	return value.p != NULL && *value.p == first;
}

/* What a list in pages has to have, and one in one piece may have. */
static const char *
take_metadata(struct listpage *p, struct jsonspan metadata)
{
	struct jsonspan after = jsontext_member(metadata, "after");
	struct jsonspan before = jsontext_member(metadata, "before");

	if (!is_kind(metadata, '{'))
		return "it has no list_metadata";
	if (!is_kind(after, 'n') &&
	    (page_string(after, p->after, sizeof p->after) == -1 ||
		p->after[0] == '\0'))
		return "list_metadata.after is neither an id nor null";
	p->backwards = is_kind(before, '"') && p->after[0] == '\0';
	return NULL;
}

static const char *
take_data(struct listpage *p)
{
	struct jsonspan item;
	struct jsonwalk w;

	if (!is_kind(p->data, '['))
		return "it has no data";
	for (items_begin(&w, p->data); items_next(&w, &item); p->n++)
		if (*item.p != '{')
			return "it holds something that is no object";
	return NULL;
}

enum page_fault
listpage_parse(struct listpage *p, const struct buf *body,
    enum list_shape shape, const char **why)
{
	enum { OBJECT, DATA, METADATA, MEMBERS };
	static const char *const name[] = {"object", "data", "list_metadata"};
	struct jsonspan value, member[MEMBERS];
	size_t at;

	value =
	    jsontext_check(body->len > 0 ? body->p : "", body->len, why, &at);
	if (value.p == NULL)
		return at == body->len ? PAGE_CUT : PAGE_GARBLED;
	jsontext_pick(value, MEMBERS, name, member);
	*p = (struct listpage){.data = member[DATA]};
	*why = NULL;
	if (!is_kind(member[OBJECT], '"') ||
	    !jsontext_is(member[OBJECT], "list"))
		*why = "not a list";
	else if ((*why = take_data(p)) == NULL &&
		 (shape == LIST_PAGES || member[METADATA].p != NULL))
		*why = take_metadata(p, member[METADATA]);
	return *why == NULL ? PAGE_GOOD : PAGE_WRONG;
}
