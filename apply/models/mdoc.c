/* SPDX-License-Identifier: MIT */
/* What scripts/schema-manual makes wos-schema(7) of. */
#include "models.h"

static const char *const types[] = {[TYPE_TEXT] = "text",
    [TYPE_TIME] = "time",
    [TYPE_BOOL] = "boolean",
    [TYPE_INT] = "integer",
    [TYPE_JSON] = "JSON"};

static void
one(struct model *m, const struct relation *r)
{
	if (r->column == m->only)
		buf_printf(m->out, "It is the id of a row of\n.Va %s%s",
		    *r->to->view != '\0' ? r->to->view : r->to->name,
		    r->must ? " .\n" : " ,\nif there is one.\n");
}

static void
add_column(struct model *m, const struct table *t, const struct column *c,
    const char *name)
{
	buf_printf(m->out, ".It Va %s\n%s%s%s.\n%s\n", name, types[c->type],
	    c->key ? ", key" : "", c->personal ? ", personal" : "", c->about);
	m->only = c;
	model_relations(t, false, one, m);
}

static void
table(struct model *m, const struct table *t)
{
	buf_printf(m->out, ".Ss %s\n%s\n", t->name, t->about);
	if (*t->view != '\0')
		buf_printf(m->out, "Its view is\n.Va %s .\n", t->view);
	buf_puts(m->out, ".Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < t->ncolumns; i++)
		add_column(m, t, &t->column[i], t->column[i].name);
	for (size_t i = 0; i < t->nshown; i++)
		if (t->shown[i].key != NULL)
			buf_printf(m->out,
			    ".It Va %s\nIn the view alone: the\n.Va %s\nof the "
			    "row of\n.Va %s\nwhose id is\n.Va %s .\n",
			    t->shown[i].name, t->shown[i].column->name,
			    t->shown[i].of->view, t->shown[i].key->name);
	buf_puts(m->out, ".El\n");
}

const struct writer model_mdoc = {.name = "mdoc", .table = table};
