/* SPDX-License-Identifier: MIT */
/* A schema.prisma: https://www.prisma.io/docs/orm/prisma-schema */
#include "models.h"

static const char *const types[][TYPE_JSON + 1] = {
    [DIALECT_SQLITE] = {[TYPE_TEXT] = "String",
	[TYPE_TIME] = "String",
	[TYPE_BOOL] = "Boolean",
	[TYPE_INT] = "BigInt",
	[TYPE_JSON] = "String"},
    [DIALECT_POSTGRES] = {[TYPE_TEXT] = "String",
	[TYPE_TIME] = "DateTime",
	[TYPE_BOOL] = "Boolean",
	[TYPE_INT] = "BigInt",
	[TYPE_JSON] = "Json"},
};

static void
head(struct model *m)
{
	buf_puts(m->out, "// ");
	model_origin(m, "prisma");
	buf_printf(m->out,
	    "\n// To read with: what are models here are views in the database,"
	    "\n// which wos-apply makes, and no migration may.\n\n"
	    "generator client {\n  provider = \"prisma-client\"\n"
	    "  output   = \"./generated\"\n}\n\n"
	    "datasource db {\n  provider = \"%s\"\n}\n",
	    m->in == DIALECT_SQLITE ? "sqlite" : "postgresql");
}

/* Where an id is of several tables, PostgreSQL's two keys need two names. */
static void
one(struct model *m, const struct relation *r)
{
	buf_printf(m->out,
	    "  %s %s? @relation(\"%s_%s\", fields: [%s], references: [id], "
	    "onDelete: NoAction, onUpdate: NoAction",
	    r->one, r->to->view, r->from->view, r->one, r->column->name);
	if (r->shared && m->in == DIALECT_POSTGRES)
		buf_printf(m->out, ", map: \"%s_%s\"", r->from->view, r->one);
	buf_puts(m->out, ")\n");
}

static void
many(struct model *m, const struct relation *r)
{
	buf_printf(m->out, "  %s %s[] @relation(\"%s_%s\")\n", r->many,
	    r->from->view, r->from->view, r->one);
}

static void
add_key(struct buf *out, const struct table *t)
{
	const char *comma = "";

	buf_puts(out, "\n  @@id([");
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(out, "%s%s", comma, t->column[i].name);
			comma = ", ";
		}
	buf_puts(out, "])\n");
}

static void
table(struct model *m, const struct table *t)
{
	bool pg = m->in == DIALECT_POSTGRES, single = model_keys(t) == 1;

	buf_printf(m->out, "\n/// %s\nmodel %s {\n", t->about, t->view);
	for (size_t i = 0; i < t->nshown; i++) {
		const struct shown *s = &t->shown[i];
		const struct column *c = s->column;

		buf_printf(m->out, "  /// %s\n  %s %s%s%s%s\n", c->about,
		    s->name, types[m->in][c->type],
		    model_is_nullable(s) ? "?" : "",
		    pg && c->type == TYPE_TIME ? " @db.Timestamptz(6)" : "",
		    s->key == NULL && c->key && single ? " @id" : "");
	}
	model_relations(t, false, one, m);
	model_relations(t, true, many, m);
	if (!single)
		add_key(m->out, t);
	buf_puts(m->out, "}\n");
}

const struct writer model_prisma = {
    .name = "prisma", .dialects = true, .head = head, .table = table};
