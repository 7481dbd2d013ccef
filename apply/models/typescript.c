/* SPDX-License-Identifier: MIT */
/* Types of the rows as the usual drivers return them: pg and better-sqlite3. */
#include "models.h"

static const char *const types[][TYPE_JSON + 1] = {
    [DIALECT_SQLITE] = {[TYPE_TEXT] = "string",
	[TYPE_TIME] = "string",
	[TYPE_BOOL] = "0 | 1",
	[TYPE_INT] = "number",
	[TYPE_JSON] = "string"},
    [DIALECT_POSTGRES] = {[TYPE_TEXT] = "string",
	[TYPE_TIME] = "Date",
	[TYPE_BOOL] = "boolean",
	[TYPE_INT] = "string",
	[TYPE_JSON] = "unknown"},
};

static void
head(struct model *m)
{
	buf_puts(m->out, "// ");
	model_origin(m, "typescript");
	buf_putc(m->out, '\n');
}

static void
table(struct model *m, const struct table *t)
{
	buf_printf(m->out, "\n/** %s */\nexport interface ", t->about);
	model_pascal(m->out, t->name);
	buf_puts(m->out, " {\n");
	for (size_t i = 0; i < t->nshown; i++) {
		const struct shown *s = &t->shown[i];

		buf_printf(m->out, "  /** %s */\n  %s: %s%s;\n",
		    s->column->about, s->name, types[m->in][s->column->type],
		    model_is_nullable(s) ? " | null" : "");
	}
	buf_puts(m->out, "}\n");
}

static void
one(struct model *m, const struct relation *r)
{
	buf_printf(m->out, "    %s: { column: \"%s\", to: \"%s\" },\n", r->one,
	    r->column->name, r->to->view);
}

/* The views by name, and where each row's parents are. */
static void
tail(struct model *m)
{
	size_t n;
	const struct table *all = catalogue_tables(&n);

	buf_puts(m->out, "\n/** Each view, and its rows. */\n"
			 "export interface Database {\n");
	for (size_t i = 0; i < n; i++)
		if (*all[i].view != '\0') {
			buf_printf(m->out, "  %s: ", all[i].view);
			model_pascal(m->out, all[i].name);
			buf_puts(m->out, ";\n");
		}
	buf_puts(m->out, "}\n\n/** Which column has the id of which row. */\n"
			 "export const relations = {\n");
	for (size_t i = 0; i < n; i++)
		if (all[i].nparents > 0) {
			buf_printf(m->out, "  %s: {\n", all[i].view);
			model_relations(&all[i], false, one, m);
			buf_puts(m->out, "  },\n");
		}
	buf_puts(m->out, "} as const;\n");
}

const struct writer model_typescript = {.name = "typescript",
    .dialects = true,
    .head = head,
    .table = table,
    .tail = tail};
