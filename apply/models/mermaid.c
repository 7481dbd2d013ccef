/* SPDX-License-Identifier: MIT */
/* A diagram of Mermaid: https://mermaid.js.org/syntax/entityRelationshipDiagram
 */
#include "models.h"

static void
head(struct model *m)
{
	buf_puts(m->out, "%% ");
	model_origin(m, "mermaid");
	buf_puts(m->out, "\nerDiagram\n");
}

static void
one(struct model *m, const struct relation *r)
{
	buf_printf(m->out, "    %s %s--o{ %s : %s\n", r->to->view,
	    r->must ? "||" : "|o", r->from->view, r->one);
}

static bool
is_foreign(const struct table *t, const struct column *c)
{
	for (size_t i = 0; i < t->nparents; i++)
		if (t->parent[i].column == c)
			return true;
	return false;
}

/* Keys alone: with all columns nobody sees how things hang together. */
static void
table(struct model *m, const struct table *t)
{
	buf_printf(m->out, "    %s {\n", t->view);
	for (size_t i = 0; i < t->nshown; i++) {
		const struct shown *s = &t->shown[i];
		bool foreign = s->key == NULL && is_foreign(t, s->column),
		     key = s->key == NULL && s->column->key;

		if (key || foreign)
			buf_printf(m->out, "        text %s %s%s%s\n", s->name,
			    key ? "PK" : "", key && foreign ? ", " : "",
			    foreign ? "FK" : "");
	}
	buf_puts(m->out, "    }\n");
	model_relations(t, false, one, m);
}

const struct writer model_mermaid = {
    .name = "mermaid", .head = head, .table = table};
