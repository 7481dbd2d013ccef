/* SPDX-License-Identifier: MIT */
/* A module of declarative classes, for SQLAlchemy 1.4 and 2. */
#include <string.h>

#include "models.h"

static const char *const types[][TYPE_JSON + 1] = {
    [DIALECT_SQLITE] = {[TYPE_TEXT] = "Text",
	[TYPE_TIME] = "Text",
	[TYPE_BOOL] = "Boolean",
	[TYPE_INT] = "BigInteger",
	[TYPE_JSON] = "JSON"},
    [DIALECT_POSTGRES] = {[TYPE_TEXT] = "Text",
	[TYPE_TIME] = "DateTime(timezone=True)",
	[TYPE_BOOL] = "Boolean",
	[TYPE_INT] = "BigInteger",
	[TYPE_JSON] = "JSONB"},
};

static void
head(struct model *m)
{
	buf_puts(m->out, "\"\"\"");
	model_origin(m, "sqlalchemy");
	buf_printf(m->out,
	    "\n\nTo read with: what are tables here are views in the database, "
	    "which wos-apply\nmakes, and create_all() may not.\n\"\"\"\n\n"
	    "from sqlalchemy import %s\n%s"
	    "from sqlalchemy.orm import declarative_base, relationship\n\n"
	    "Base = declarative_base()\n",
	    m->in == DIALECT_SQLITE
		? "JSON, BigInteger, Boolean, Column, Text"
		: "BigInteger, Boolean, Column, DateTime, Text",
	    m->in == DIALECT_SQLITE
		? ""
		: "from sqlalchemy.dialects.postgresql import JSONB\n");
}

/* The class's name for the column: `metadata` is SQLAlchemy's own. */
static const char *
attribute(const char *name)
{
	return strcmp(name, "metadata") == 0 ? "metadata_" : name;
}

static void
add_relation(struct model *m, const struct relation *r, bool up)
{
	buf_printf(m->out, "    %s = relationship(\n        \"",
	    up ? r->one : r->many);
	model_pascal(m->out, up ? r->to->name : r->from->name);
	buf_puts(m->out, "\", viewonly=True,\n        primaryjoin=\"foreign(");
	model_pascal(m->out, r->from->name);
	buf_printf(m->out, ".%s) == ", attribute(r->column->name));
	model_pascal(m->out, r->to->name);
	buf_puts(m->out, ".id\")\n");
}

static void
one(struct model *m, const struct relation *r)
{
	add_relation(m, r, true);
}

static void
many(struct model *m, const struct relation *r)
{
	add_relation(m, r, false);
}

static void
add_column(struct model *m, const struct shown *s)
{
	const struct column *c = s->column;
	const char *name = attribute(s->name);
	bool key = s->key == NULL && c->key;

	buf_printf(m->out, "    %s = Column(", name);
	if (name != s->name)
		buf_printf(m->out, "\"%s\", ", s->name);
	buf_printf(m->out, "%s, %s,\n        comment=\"%s\")\n",
	    types[m->in][c->type],
	    key                    ? "primary_key=True"
	    : model_is_nullable(s) ? "nullable=True"
				   : "nullable=False",
	    c->about);
}

static void
table(struct model *m, const struct table *t)
{
	buf_puts(m->out, "\n\nclass ");
	model_pascal(m->out, t->name);
	buf_printf(m->out,
	    "(Base):\n    \"\"\"%s\"\"\"\n\n    __tablename__ = \"%s\"\n"
	    "    __table_args__ = {\"info\": {\"is_view\": True}}\n\n",
	    t->about, t->view);
	for (size_t i = 0; i < t->nshown; i++)
		add_column(m, &t->shown[i]);
	model_relations(t, false, one, m);
	model_relations(t, true, many, m);
}

const struct writer model_sqlalchemy = {
    .name = "sqlalchemy", .dialects = true, .head = head, .table = table};
