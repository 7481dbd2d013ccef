/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "models.h"
#include "view.h"

static const struct writer *const writers[] = {&model_prisma, &model_drizzle,
    &model_sqlalchemy, &model_typescript, &model_dbt, &model_mermaid,
    &model_svg, &model_mdoc};

#define NWRITERS (sizeof writers / sizeof *writers)

static void
print_sql(struct buf *out, enum dialect in)
{
	ddl_schema(out, in);
	view_schema(out, in);
}

static void
write_model(struct buf *out, const struct writer *w, enum dialect in)
{
	struct model m = {.out = out, .in = in};
	size_t n;
	const struct table *t = catalogue_tables(&n);

	if (w->head != NULL)
		w->head(&m);
	for (; n > 0; n--, t++)
		if (*t->view != '\0' || w == &model_mdoc)
			w->table(&m, t);
	if (w->tail != NULL)
		w->tail(&m);
}

int
models_print(struct buf *out, const char *what)
{
	size_t len = strcspn(what, ":");
	bool sqlite = strcmp(what + len, ":sqlite") == 0;

	if (strcmp(what, "sqlite") == 0 || strcmp(what, "postgres") == 0) {
		print_sql(
		    out, *what == 's' ? DIALECT_SQLITE : DIALECT_POSTGRES);
		return 0;
	}
	for (size_t i = 0; i < NWRITERS; i++) {
		const struct writer *w = writers[i];

		if (strlen(w->name) != len || strncmp(w->name, what, len) != 0)
			continue;
		if (what[len] != '\0' && !(sqlite && w->dialects) &&
		    strcmp(what + len, ":postgres") != 0)
			return -1;
		write_model(out, w, sqlite ? DIALECT_SQLITE : DIALECT_POSTGRES);
		return 0;
	}
	return -1;
}

void
models_names(struct buf *out)
{
	buf_puts(out, "sqlite, postgres");
	for (size_t i = 0; i < NWRITERS; i++)
		if (writers[i] != &model_mdoc)
			buf_printf(out, ", %s", writers[i]->name);
}

void
model_origin(struct model *m, const char *name)
{
	buf_printf(m->out, "Made by wos-apply --schema %s%s; don't edit.", name,
	    m->in == DIALECT_SQLITE ? ":sqlite" : "");
}

void
model_pascal(struct buf *out, const char *name)
{
	for (bool first = true; *name != '\0'; name++) {
		if (*name != '_')
			buf_putc(out, first
					  ? (char)toupper((unsigned char)*name)
					  : *name);
		first = *name == '_';
	}
}

bool
model_is_nullable(const struct shown *s)
{
	return s->key != NULL || !(s->column->key || s->column->must);
}

size_t
model_keys(const struct table *t)
{
	size_t keys = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		keys += t->column[i].key;
	return keys;
}

/*
 * user of user_id; and where an owner_id is one of several tables',
 * owner_as_user.
 */
static void
name_one(struct relation *r)
{
	const char *column = r->column->name;
	size_t len = strlen(column), uses = 0;

	if (len > 3 && strcmp(column + len - 3, "_id") == 0)
		len -= 3;
	for (size_t i = 0; i < r->from->nparents; i++)
		uses += r->from->parent[i].column == r->column;
	r->shared = uses > 1;
	if (r->shared)
		snprintf(r->one, sizeof r->one, "%.*s_as_%s", (int)len, column,
		    r->to->name);
	else
		snprintf(r->one, sizeof r->one, "%.*s", (int)len, column);
}

/* memberships, or where there are several such, api_keys_by_owner. */
static void
name_many(struct relation *r)
{
	size_t uses = 0;

	for (size_t i = 0; i < r->from->nparents; i++)
		uses += r->from->parent[i].table == r->to;
	if (uses > 1)
		snprintf(
		    r->many, sizeof r->many, "%s_by_%s", r->from->view, r->one);
	else
		snprintf(r->many, sizeof r->many, "%s", r->from->view);
}

void
model_relations(const struct table *t, bool children,
    void (*each)(struct model *m, const struct relation *r), struct model *m)
{
	size_t n;
	const struct table *from = catalogue_tables(&n);

	for (; n > 0; n--, from++)
		for (size_t i = 0; i < from->nparents; i++) {
			struct relation r = {.from = from,
			    .to = from->parent[i].table,
			    .column = from->parent[i].column,
			    .must = from->parent[i].must};

			if ((children ? r.to : r.from) != t)
				continue;
			name_one(&r);
			name_many(&r);
			each(m, &r);
		}
}

static void
note(struct model *m, const struct relation *r)
{
	(void)r;
	buf_putc(m->out, '.');
}

bool
model_has_relations(const struct table *t, bool children)
{
	struct buf some = {0};
	struct model m = {.out = &some};
	bool has;

	model_relations(t, children, note, &m);
	has = some.len > 0;
	buf_free(&some);
	return has;
}
