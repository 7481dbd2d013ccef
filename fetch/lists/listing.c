/* SPDX-License-Identifier: MIT */
/*
 * One list, page by page.  What it says of itself is not believed: only one
 * whose ids go up from page to page, to an end, is called complete.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "clock.h"
#include "refusal.h"
#include "listing.h"
#include "listpage.h"
#include "log.h"
#include "memory.h"

const char *
listing_of(const struct listing *l, const char *name)
{
	const struct list *parent = l->list->parent;

	if (parent != NULL && strcmp(parent->of, name) == 0)
		return l->parent;
	if (parent != NULL && parent->parent != NULL &&
	    strcmp(parent->parent->of, name) == 0)
		return l->grandparent;
	return NULL;
}

/* The catalogue's path, with ids for its {names}; they need no escapes. */
static void
set_path(struct listing *l)
{
	const char *p = l->list->path, *end, *id;
	char name[COLUMN_NAME_SIZE];

	for (; *p != '\0'; p = end + 1) {
		size_t len = strcspn(p, "{");

		buf_add(&l->path, p, len);
		if (p[len] == '\0')
			break;
		p += len + 1;
		end = strchr(p, '}');
		len = end != NULL ? (size_t)(end - p) : sizeof name;
		if (len >= sizeof name)
			log_errx(1, "catalogue: %s: no path", l->list->path);
		memcpy(name, p, len);
		name[len] = '\0';
		if ((id = listing_of(l, name)) == NULL)
			log_errx(1, "catalogue: %s: {%s} is no parent",
			    l->list->path, name);
		buf_puts(&l->path, id);
	}
	buf_str(&l->path);
}

/* Forgets what it has seen: it begins with its first page. */
static void
rewind_listing(struct listing *l)
{
	l->last[0] = l->cursor[0] = l->mark[0] = '\0';
	l->pages = l->count = 0;
	buf_clear(&l->ids);
	buf_clear(&l->why);
}

/* The count that an entry has for a list: directory_01 directory_user=500 */
static uint64_t
expected(const char *entry, const struct list *list)
{
	size_t len = strlen(list->of);
	const char *p = entry;

	while ((p = strchr(p, ' ')) != NULL)
		if (strncmp(++p, list->of, len) == 0 && p[len] == '=')
			return strtoull(p + len + 1, NULL, 10);
	return ITEM_UNCOUNTED;
}

static void
add_entry(struct listing *l, const char *id, struct jsonspan item)
{
	const struct list *child = l->list;
	uint64_t count;

	buf_puts(&l->ids, id);
	while ((child = wanted_child(l->wanted, l->list, child)) != NULL)
		if ((count = item_counts(child, item)) != ITEM_UNCOUNTED)
			buf_printf(&l->ids, " %s=%" PRIu64, child->of, count);
	buf_putc(&l->ids, '\0');
}

struct listing *
listing_new(const struct wanted *w, const struct list *list, const char *entry,
    const char *grandparent)
{
	struct listing *l = memory_new(1, sizeof *l);

	l->list = list;
	l->wanted = w;
	l->limit = PAGE_SIZE;
	l->keeps_ids = wanted_child(w, list, list) != NULL;
	memcpy(l->parent, entry, strcspn(entry, " "));
	l->expected = expected(entry, list);
	l->ended = wanted_is_ended(w, list, l->parent);
	memcpy(l->grandparent, grandparent, strlen(grandparent) + 1);
	set_path(l);
	return l;
}

void
listing_free(struct listing *l)
{
	buf_free(&l->path);
	buf_free(&l->ids);
	buf_free(&l->why);
	free(l);
}

void
listing_name(const struct listing *l, struct buf *out)
{
	buf_puts(out, l->list->of);
	if (l->list->parent != NULL)
		buf_printf(out, " of %s", l->parent);
}

void
listing_ask(struct listing *l, struct request *r)
{
	const char *query = strchr(l->path.p, '?');
	size_t len = query ? (size_t)(query - l->path.p) : l->path.len;
	struct buf path = {0}, rest = {0};

	if (l->pages == 0)
		l->asked_at = time_ticks();
	buf_add(&path, l->path.p, len);
	if (query != NULL)
		buf_puts(&rest, query + 1);
	if (l->list->shape == LIST_PAGES)
		buf_printf(&rest, "%slimit=%u&order=asc",
		    query != NULL ? "&" : "", l->limit);
	if (l->cursor[0] != '\0')
		buf_printf(&rest, "&after=%s", l->cursor);
	l->request = r;
	r->owner = l;
	request_start_at(r, l->list->path, buf_str(&path),
	    rest.len > 0 ? buf_str(&rest) : NULL);
	buf_free(&path);
	buf_free(&rest);
}

/* The first reason is the one that is told. */
static void __attribute__((format(printf, 2, 3)))
doubt(struct listing *l, const char *fmt, ...)
{
	char text[LOG_QUOTE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (l->why.len == 0)
		buf_puts(&l->why, text);
}

/*
 * The parts of an item that are rows of other tables.  They are all that there
 * are of their parent if that is an object, and not what each user has of it.
 */
static void
put_parts(
    struct listing *l, const char *id, struct jsonspan item, struct buf *out)
{
	const struct wanted *w = l->wanted;

	for (size_t i = 0; i < w->n; i++) {
		const struct list *part = &w->list[i];
		struct item_place at = {part, id, l->listed_at};
		struct jsonspan parts, element;
		struct jsonwalk walk;
		uint64_t count = 0;

		if (!w->written[i] || part->shape != LIST_INSIDE ||
		    part->parent != l->list)
			continue;
		parts = jsontext_member(item, part->path);
		items_begin(&walk, parts);
		while (items_next(&walk, &element))
			if (item_line(out, &at, element) == 0)
				count++;
		if (l->list->table != NULL && parts.p != NULL &&
		    *parts.p == '[')
			item_end(out, &at, count);
	}
}

static bool
is_written(const struct listing *l)
{
	return !l->ended && l->wanted->written[l->list - l->wanted->list];
}

/* What a list's lines say of it. */
static struct item_place
place(const struct listing *l)
{
	return (struct item_place){
	    l->list, l->list->parent != NULL ? l->parent : NULL, l->listed_at};
}

static void
put_item(struct listing *l, struct jsonspan item, struct buf *out)
{
	struct item_place at = place(l);
	char id[ITEM_ID_MAX + 1];
	bool named = item_id(item, id);

	if (l->list->shape == LIST_PAGES) {
		if (!named)
			doubt(l, "an item has no id");
		else if (strcmp(id, l->last) <= 0)
			doubt(l, "its ids do not go up: %s follows %s", id,
			    l->last);
		else
			memcpy(l->last, id, sizeof id);
	}
	if (!item_belongs(l->list, item))
		return;
	if (is_written(l) && item_line(out, &at, item) == -1)
		doubt(l, "an item has more than %d members",
		    JSONTEXT_MAX_MEMBERS);
	l->count++;
	if (!named)
		return;
	if (!l->ended)
		put_parts(l, id, item, out);
	if (l->keeps_ids)
		add_entry(l, id, item);
}

/*
 * The API's time when the list was asked for: it answered later than that, by
 * no more than we have waited.  Returns false if it does not tell the time.
 */
static bool
set_listed_at(struct listing *l)
{
	int64_t date = l->request->date;

	if (date == TIME_NONE)
		return false;
	date -= time_ticks() - l->asked_at + LISTED_MARGIN_MS;
	timestamp_format(date, l->listed_at);
	return true;
}

/* Does the page begin at or before what was there before? */
static bool
goes_back(const struct listing *l, const struct listpage *p)
{
	struct jsonspan item;
	struct jsonwalk walk;
	char id[ITEM_ID_MAX + 1];

	items_begin(&walk, p->data);
	return l->pages > 0 && items_next(&walk, &item) && item_id(item, id) &&
	       strcmp(id, l->last) <= 0;
}

/* What has just failed may say "nothing" for "I don't know". */
static bool
is_doubtful(const struct listing *l, const struct listpage *p)
{
	return p->n == 0 && l->request->tries > 1;
}

/* Is the page to be asked for once more, or the list from its beginning? */
static bool
asks_again(struct listing *l, const struct listpage *p)
{
	bool back = goes_back(l, p);

	if (l->tries == LISTING_TRIES || (!back && !is_doubtful(l, p)))
		return false;
	l->tries++;
	if (back)
		rewind_listing(l);
	return true;
}

/*
 * Goes on to the next page, if there is one.  Cursors that go round come back
 * to one that is kept, of the 1st, 2nd, 4th, 8th ... page.
 */
static enum listing_state
turn_page(struct listing *l, const struct listpage *p)
{
	l->pages++;
	if (p->after[0] == '\0' || l->list->shape != LIST_PAGES) {
		if (p->after[0] != '\0')
			doubt(l, "there is more of it than one page");
		return LISTING_ENDED;
	}
	if (p->n == 0)
		doubt(l, "a page without an item is not its last");
	if (strcmp(p->after, l->mark) == 0) {
		doubt(l, "it goes round");
		return LISTING_ENDED;
	}
	if (l->why.len > 0 && ++l->doubtful == LISTING_DOUBTFUL_PAGES)
		return LISTING_ENDED;
	memcpy(l->cursor, p->after, sizeof l->cursor);
	if ((l->pages & (l->pages - 1)) == 0)
		memcpy(l->mark, p->after, sizeof l->mark);
	return LISTING_MORE;
}

static enum listing_state
take_items(struct listing *l, const struct listpage *p, struct buf *out)
{
	struct jsonspan item;
	struct jsonwalk walk;
	enum listing_state state;

	if (asks_again(l, p))
		return LISTING_MORE;
	if (is_doubtful(l, p))
		doubt(l, "it is empty after an error");
	if (l->pages == 0 && p->backwards)
		doubt(l, "it runs backwards");
	if (l->list->shape == LIST_PAGES && p->n > l->limit)
		doubt(l, "there are more items on a page than were asked for");
	items_begin(&walk, p->data);
	while (items_next(&walk, &item))
		put_item(l, item, out);
	state = turn_page(l, p);
	/* Some may have come since it was counted. */
	if (state == LISTING_ENDED && l->expected != ITEM_UNCOUNTED &&
	    l->count < l->expected)
		doubt(l, "its %s counts %" PRIu64 ", and there are %" PRIu64,
		    l->list->parent->of, l->expected, l->count);
	if (state == LISTING_ENDED && l->why.len == 0 && l->trusted &&
	    is_written(l)) {
		struct item_place at = place(l);

		item_end(out, &at, l->count);
	}
	return state;
}

/* All tries are used up, or none would help. */
static enum listing_state
no_answer(struct listing *l)
{
	const struct request *r = l->request;

	buf_clear(&l->why);
	buf_add(&l->why, r->why.p, r->why.len);
	return r->answer == ANSWER_LATER ? LISTING_LATER : LISTING_FAILED;
}

/* What is no JSON got lost on the way, and another try may fare better. */
static enum listing_state
bad_page(struct listing *l, enum page_fault fault, const char *why)
{
	struct request *r = l->request;
	char quote[LOG_QUOTE_SIZE];

	log_quote(quote, r->body.len ? r->body.p : "", r->body.len);
	if (fault == PAGE_WRONG) {
		doubt(l, "%s; the answer begins: %s", why, quote);
		return LISTING_ENDED;
	}
	buf_clear(&r->why);
	buf_printf(&r->why, "%s; the answer begins: %s", why, quote);
	return request_again(
		   r, fault == PAGE_CUT ? ANSWER_LATER : ANSWER_FAILED)
		   ? LISTING_AGAIN
		   : no_answer(l);
}

static enum listing_state
take_page(struct listing *l, struct buf *out)
{
	enum page_fault fault;
	struct listpage page;
	const char *why;

	fault = listpage_parse(&page, &l->request->body, l->list->shape, &why);
	if (fault != PAGE_GOOD)
		return bad_page(l, fault, why);
	if (l->pages == 0 && !set_listed_at(l)) {
		buf_puts(&l->why, "the answer has no Date: the API does not "
				  "tell its time");
		return LISTING_FAILED;
	}
	return take_items(l, &page, out);
}

/* A parent that was there a moment ago has been deleted. */
static bool
parent_is_gone(const struct listing *l)
{
	const struct request *r = l->request;

	return refusal_of_entity(r->status, &r->body, l->parent) ||
	       refusal_of_entity(r->status, &r->body, l->grandparent);
}

static enum listing_state
take_refusal(struct listing *l)
{
	const struct request *r = l->request;

	if (parent_is_gone(l))
		return LISTING_GONE;
	buf_clear(&l->why);
	refusal_add(&l->why, r->status, &r->body);
	return r->status == 401 ? LISTING_FAILED : LISTING_REFUSED;
}

/* The page is over PAGE_MAX: half as many items may fit. */
static enum listing_state
take_large(struct listing *l)
{
	l->limit /= 2;
	if (l->limit > 0 && l->list->shape == LIST_PAGES)
		return LISTING_MORE;
	doubt(l, "it is larger than %d MiB", PAGE_MAX >> 20);
	return LISTING_ENDED;
}

enum listing_state
listing_take(struct listing *l, struct buf *out)
{
	const struct request *r = l->request;

	switch (r->answer) {
	case ANSWER_PAGE:
		return take_page(l, out);
	case ANSWER_REFUSED:
		return take_refusal(l);
	case ANSWER_LARGE:
	case ANSWER_STALLED:
		return take_large(l);
	case ANSWER_LATER:
	case ANSWER_FAILED:
		break;
	}
	return no_answer(l);
}
