/* SPDX-License-Identifier: MIT */
/* A schema.ts of Drizzle: https://orm.drizzle.team/docs/sql-schema-declaration
 */
#include "models.h"

/* What stands before and after a column's name. */
static const char *const types[][TYPE_JSON + 1][2] = {
    [DIALECT_SQLITE] = {[TYPE_TEXT] = {"text", ""},
	[TYPE_TIME] = {"text", ""},
	[TYPE_BOOL] = {"integer", ", { mode: \"boolean\" }"},
	[TYPE_INT] = {"integer", ""},
	[TYPE_JSON] = {"text", ", { mode: \"json\" }"}},
    [DIALECT_POSTGRES] = {[TYPE_TEXT] = {"text", ""},
	[TYPE_TIME] = {"timestamp", ", { withTimezone: true }"},
	[TYPE_BOOL] = {"boolean", ""},
	[TYPE_INT] = {"bigint", ", { mode: \"number\" }"},
	[TYPE_JSON] = {"jsonb", ""}},
};

static void
head(struct model *m)
{
	buf_puts(m->out, "// ");
	model_origin(m, "drizzle");
	buf_printf(m->out,
	    "\n// To read with: what are tables here are views in the database,"
	    "\n// which wos-apply makes, and no migration may.\n\n"
	    "import { relations } from \"drizzle-orm\";\n"
	    "import { %s } from \"drizzle-orm/%s-core\";\n",
	    m->in == DIALECT_SQLITE ? "integer, primaryKey, sqliteTable, text"
				    : "bigint, boolean, jsonb, pgTable, "
				      "primaryKey, text, timestamp",
	    m->in == DIALECT_SQLITE ? "sqlite" : "pg");
}

static void
one(struct model *m, const struct relation *r)
{
	buf_printf(m->out,
	    "  %s: one(%s, {\n    fields: [%s.%s],\n    references: [%s.id],\n"
	    "    relationName: \"%s_%s\",\n  }),\n",
	    r->one, r->to->view, r->from->view, r->column->name, r->to->view,
	    r->from->view, r->one);
}

static void
many(struct model *m, const struct relation *r)
{
	buf_printf(m->out, "  %s: many(%s, { relationName: \"%s_%s\" }),\n",
	    r->many, r->from->view, r->from->view, r->one);
}

static void
add_relations(struct model *m, const struct table *t)
{
	bool up = model_has_relations(t, false),
	     down = model_has_relations(t, true);

	if (!up && !down)
		return;
	buf_printf(m->out,
	    "\nexport const %s_relations = relations(%s, ({ %s%s%s }) => ({\n",
	    t->view, t->view, up ? "one" : "", up && down ? ", " : "",
	    down ? "many" : "");
	model_relations(t, false, one, m);
	model_relations(t, true, many, m);
	buf_puts(m->out, "}));\n");
}

static void
add_key(struct buf *out, const struct table *t)
{
	const char *comma = "";

	buf_puts(out, ", (t) => [primaryKey({ columns: [");
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(out, "%st.%s", comma, t->column[i].name);
			comma = ", ";
		}
	buf_puts(out, "] })]");
}

static void
table(struct model *m, const struct table *t)
{
	bool single = model_keys(t) == 1;

	buf_printf(m->out, "\n/** %s */\nexport const %s = %s(\"%s\", {\n",
	    t->about, t->view,
	    m->in == DIALECT_SQLITE ? "sqliteTable" : "pgTable", t->view);
	for (size_t i = 0; i < t->nshown; i++) {
		const struct shown *s = &t->shown[i];
		const char *const *type = types[m->in][s->column->type];
		bool key = s->key == NULL && s->column->key && single;

		buf_printf(m->out, "  /** %s */\n  %s: %s(\"%s\"%s)%s,\n",
		    s->column->about, s->name, type[0], s->name, type[1],
		    key                    ? ".primaryKey()"
		    : model_is_nullable(s) ? ""
					   : ".notNull()");
	}
	buf_puts(m->out, "}");
	if (!single)
		add_key(m->out, t);
	buf_puts(m->out, ");\n");
}

/* Relations name tables that stand anywhere. */
static void
tail(struct model *m)
{
	size_t n;
	const struct table *t = catalogue_tables(&n);

	for (; n > 0; n--, t++)
		add_relations(m, t);
}

const struct writer model_drizzle = {.name = "drizzle",
    .dialects = true,
    .head = head,
    .table = table,
    .tail = tail};
