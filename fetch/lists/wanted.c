/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "memory.h"
#include "wanted.h"

static bool
is_name(const char *list, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(list, name, len) == 0;
}

/* A part of a table has the table's name; what is there for ids alone none. */
static int
want_table(struct wanted *w, const char *name, size_t len, struct buf *why)
{
	bool found = false;

	for (size_t i = 0; i < w->n; i++)
		if (w->list[i].table != NULL &&
		    is_name(name, len, w->list[i].of))
			found = w->written[i] = true;
	if (!found)
		lists_refuse(why, name, len);
	return found ? 0 : -1;
}

static int
want_tables(struct wanted *w, const char *names, struct buf *why)
{
	for (;;) {
		size_t len = strcspn(names, ",");

		if (want_table(w, names, len, why) == -1)
			return -1;
		if (names[len] == '\0')
			return 0;
		names += len + 1;
	}
}

int
wanted_read(struct wanted *w, const char *names, struct buf *why)
{
	w->list = catalogue_lists(&w->n);
	w->written = memory_new(w->n, sizeof *w->written);
	w->walked = memory_new(w->n, sizeof *w->walked);
	for (size_t i = 0; i < w->n && names == NULL; i++)
		w->written[i] =
		    w->list[i].asked == USUAL && w->list[i].table != NULL;
	if (names != NULL && want_tables(w, names, why) == -1)
		return -1;
	/* Children stand after their parents. */
	for (size_t i = w->n; i-- > 0;) {
		w->walked[i] = w->walked[i] || w->written[i];
		if (w->walked[i] && w->list[i].parent != NULL)
			w->walked[w->list[i].parent - w->list] = true;
	}
	return 0;
}

void
wanted_free(struct wanted *w)
{
	free(w->written);
	free(w->walked);
	names_free(&w->ended);
	*w = (struct wanted){0};
}

void
wanted_read_ended(struct wanted *w, FILE *in)
{
	char line[2 * NAME_MOST + 2];

	descriptors_await("lists, as wos-apply --list-begin prints them");
	while (fgets(line, sizeof line, in) != NULL) {
		size_t len = strcspn(line, "\n"), of = strcspn(line, " \n");

		/* A longer line is no such name, nor are its parts. */
		line[of] = ':';
		(void)names_add(&w->ended, line, len > of ? len : of + 1);
	}
}

bool
wanted_is_ended(
    const struct wanted *w, const struct list *list, const char *parent)
{
	char name[NAME_MOST + 1];
	int len = snprintf(name, sizeof name, "%s:%s", list->of, parent);

	return len > 0 && (size_t)len < sizeof name &&
	       names_have(&w->ended, name);
}

const struct list *
wanted_child(
    const struct wanted *w, const struct list *parent, const struct list *after)
{
	for (const struct list *l = after + 1; l < w->list + w->n; l++)
		if (w->walked[l - w->list] && l->parent == parent &&
		    l->shape != LIST_INSIDE)
			return l;
	return NULL;
}

static const char *const kinds[] = {[ITEM_ONLY] = "only",
    [ITEM_PARENT] = "parent",
    [ITEM_AT] = "item",
    [ITEM_LACKS] = "lacks",
    [ITEM_RENAMED] = "renamed",
    [ITEM_SECRET] = "secret",
    [ITEM_SILENT] = "silent",
    [ITEM_COUNTED] = "counted",
    [ITEM_GET] = "get",
    [ITEM_ABSENT] = "absent"};

/* table, list, asked, shape, parent, path */
static void
show_list(struct buf *out, const struct list *l)
{
	static const char *const shapes[] = {[LIST_PAGES] = "pages",
	    [LIST_WHOLE] = "whole",
	    [LIST_INSIDE] = "inside"};

	buf_printf(out, "%s\tlist\t%s\t%s\t%s\t%s\n", l->of,
	    l->asked == USUAL ? "usual" : "rare", shapes[l->shape],
	    l->parent != NULL ? l->parent->of : "-", l->path);
}

/* table, the fact, and what it is about */
static void
show_facts(struct buf *out, const struct table *t)
{
	size_t n;
	const struct item_fact *f = item_facts(t, &n);

	for (; n > 0; n--, f++) {
		buf_printf(out, "%s\t%s\t%s", t->name, kinds[f->kind], f->name);
		if (f->value != NULL)
			buf_printf(out, "\t%s", f->value);
		if (f->event != NULL) /* without its quotes */
			buf_printf(out, "\t%.*s", (int)strlen(f->event) - 2,
			    f->event + 1);
		buf_putc(out, '\n');
	}
}

void
wanted_show(struct buf *out)
{
	size_t n;
	const struct list *l = catalogue_lists(&n);

	for (; n > 0; n--, l++) {
		show_list(out, l);
		/* A table may have several lists; its facts stand once. */
		if (l->table != NULL && (n == 1 || l[1].table != l->table))
			show_facts(out, l->table);
	}
}
