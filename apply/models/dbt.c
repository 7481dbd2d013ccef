/* SPDX-License-Identifier: MIT */
/* Sources of dbt: https://docs.getdbt.com/docs/build/sources */
#include "models.h"

static void
head(struct model *m)
{
	buf_puts(m->out, "# ");
	model_origin(m, "dbt");
	buf_puts(m->out,
	    "\nversion: 2\nsources:\n  - name: workos\n    description: "
	    "\"What WorkOS knows, kept in step by wos.\"\n    tables:\n");
}

/*
 * A parent may be of another organization, or not be known yet: that is worth a
 * warning.  An id that may be of several tables is tested by none of them.
 */
static void
one(struct model *m, const struct relation *r)
{
	if (r->column != m->only || r->shared)
		return;
	buf_printf(m->out,
	    "              - relationships:\n"
	    "                  to: source('workos', '%s')\n"
	    "                  field: id\n"
	    "                  config: {severity: warn}\n",
	    r->to->view);
}

static void
table(struct model *m, const struct table *t)
{
	bool single = model_keys(t) == 1;

	buf_printf(m->out,
	    "      - name: %s\n        description: \"%s\"\n"
	    "        columns:\n",
	    t->view, t->about);
	for (size_t i = 0; i < t->nshown; i++) {
		const struct shown *s = &t->shown[i];
		struct buf tests = {0};
		struct model of = {.out = &tests, .only = s->column};

		buf_printf(m->out,
		    "          - name: %s\n            description: \"%s\"\n",
		    s->name, s->column->about);
		if (s->column->personal)
			buf_puts(
			    m->out, "            meta: {personal: true}\n");
		if (s->key == NULL && s->column->key && single)
			buf_puts(&tests, "              - unique\n");
		if (!model_is_nullable(s))
			buf_puts(&tests, "              - not_null\n");
		if (s->key == NULL)
			model_relations(t, false, one, &of);
		if (tests.len > 0)
			buf_puts(m->out, "            data_tests:\n");
		buf_add(m->out, tests.p, tests.len);
		buf_free(&tests);
	}
}

const struct writer model_dbt = {.name = "dbt", .head = head, .table = table};
