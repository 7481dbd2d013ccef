#include <string.h>

#include "ddl.h"

static const char *const type_names[][TYPE_JSON + 1] = {
    [DIALECT_SQLITE] = {[TYPE_TEXT] = "TEXT",
	[TYPE_TIME] = "INTEGER",
	[TYPE_BOOL] = "BOOLEAN",
	[TYPE_INT] = "INTEGER",
	[TYPE_JSON] = "TEXT"},
    [DIALECT_POSTGRES] = {[TYPE_TEXT] = "TEXT",
	[TYPE_TIME] = "BIGINT",
	[TYPE_BOOL] = "BOOLEAN",
	[TYPE_INT] = "BIGINT",
	[TYPE_JSON] = "JSONB"},
};

/* The time of the insert, in Unix milliseconds. */
static const char *const now[] = {
    [DIALECT_SQLITE] =
	"(CAST((julianday('now') - 2440587.5) * 86400000.0 + 0.5 AS INTEGER))",
    [DIALECT_POSTGRES] =
	"(CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT))",
};

void
ddl_column(struct buf *out, const struct column *c, enum dialect in)
{
	buf_printf(out, "\"%s\" %s", c->name, type_names[in][c->type]);
	if (c->key || c->must)
		buf_puts(out, " NOT NULL");
	if (c->now)
		buf_printf(out, " DEFAULT %s", now[in]);
	else if (c->must && strcmp(c->name, "event_at") == 0)
		buf_puts(out, " DEFAULT 0"); /* before every event */
}

static void
ddl_primary_key(struct buf *out, const struct table *t)
{
	const char *comma = "";

	buf_puts(out, "\tPRIMARY KEY (");
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key) {
			buf_printf(out, "%s\"%s\"", comma, t->column[i].name);
			comma = ", ";
		}
	buf_puts(out, ")");
}

void
ddl_table(
    struct buf *out, const struct table *t, const char *name, enum dialect in)
{
	buf_printf(out, "CREATE TABLE IF NOT EXISTS \"%s\" (\n", name);
	for (size_t i = 0; i < t->ncolumns; i++) {
		buf_putc(out, '\t');
		ddl_column(out, &t->column[i], in);
		buf_puts(out, ",\n");
	}
	ddl_primary_key(out, t);
	buf_puts(out, "\n);\n");
}

void
ddl_index_name(struct buf *out, const struct table *t, size_t i)
{
	buf_printf(out, "%s_%s_idx", t->name, t->index[i]->name);
}

void
ddl_index(struct buf *out, const struct table *t, size_t i)
{
	buf_puts(out, "CREATE INDEX IF NOT EXISTS \"");
	ddl_index_name(out, t, i);
	buf_printf(out, "\" ON \"%s\" (\"%s\");\n", t->name, t->index[i]->name);
}

void
ddl_schema(struct buf *out, enum dialect in)
{
	size_t ntables;
	const struct table *t = catalogue_tables(&ntables);

	buf_printf(out,
	    "-- Made from catalogue.def by wos-apply --schema %s; "
	    "don't edit.\n",
	    in == DIALECT_SQLITE ? "sqlite" : "postgres");
	for (; ntables > 0; ntables--, t++) {
		buf_putc(out, '\n');
		ddl_table(out, t, t->name, in);
		for (size_t i = 0; i < t->nindexes; i++)
			ddl_index(out, t, i);
	}
}
