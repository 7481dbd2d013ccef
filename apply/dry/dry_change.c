/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "dry_change.h"

/* Copies the name that stands at p, in quotes. */
static bool
name_at(const char *p, char name[COLUMN_NAME_SIZE])
{
	size_t len = *p == '"' ? strcspn(p + 1, "\"") : 0;

	if (len == 0 || len >= COLUMN_NAME_SIZE)
		return false;
	memcpy(name, p + 1, len);
	name[len] = '\0';
	return true;
}

static const struct table *
table_at(const char *p)
{
	char name[COLUMN_NAME_SIZE];

	return name_at(p, name) ? catalogue_table(name) : NULL;
}

static const char *
skip_name(const char *p)
{
	return strchr(p + 1, '"') + 1;
}

static bool
skip(const char **p, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*p, text, len) != 0)
		return false;
	*p += len;
	return true;
}

/* Are there $1,$2 ... for n columns and no more?  Moves *p behind them. */
static bool
skip_values(const char **p, size_t n)
{
	bool rows = skip(p, "VALUES (");
	char mark[8];

	if (!rows && !skip(p, "SELECT "))
		return false;
	for (size_t i = 1; i <= n; i++) {
		snprintf(mark, sizeof mark, "%s$%zu", i > 1 ? "," : "", i);
		if (!skip(p, mark))
			return false;
	}
	return !rows || skip(p, ")");
}

/*
 * Is what follows the values as wos-decode has it: a condition or none, and no
 * other conflict than that of the key?
 */
static bool
is_for_key(const char *p, const struct table *t)
{
	const char *conflict = strstr(p, " ON CONFLICT ");
	struct buf key = {0};
	bool same;

	if (*p != '\0' && p != conflict && strncmp(p, " WHERE ", 7) != 0)
		return false;
	if (conflict == NULL)
		return true;
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key)
			buf_printf(&key, "%s\"%s\"",
			    key.len > 0 ? "," : " ON CONFLICT (",
			    t->column[i].name);
	buf_puts(&key, ") DO ");
	same = strncmp(conflict, buf_str(&key), key.len) == 0;
	buf_free(&key);
	return same;
}

/* The column that is named at p, in quotes. */
static const struct column *
column_at(const struct table *t, const char *p)
{
	char name[COLUMN_NAME_SIZE];

	return name_at(p, name) ? table_column(t, name) : NULL;
}

/*
 * INSERT INTO "t" ("c",...) ...: the row is found by the key's values.  One
 * that names more columns than it has values, or room is for, is none of ours.
 */
static bool
read_insert(
    struct change *c, const char *p, const struct value *value, size_t nvalues)
{
	const struct column *column;
	size_t n = 0;

	p = skip_name(p);
	p += strspn(p, " ");
	if (*p != '(')
		return false;
	do {
		column = column_at(c->table, ++p);
		if (column == NULL || n == nvalues || n == DB_MAX_COLUMNS)
			return false;
		if (column->key) {
			buf_printf(&c->where, "%s\"%s\"=$%zu",
			    c->nvalues ? " AND " : " WHERE ", column->name,
			    c->nvalues + 1);
			c->value[c->nvalues++] = value[n];
		}
		n++;
		p = skip_name(p);
	} while (*p == ',');
	return skip(&p, ") ") && c->nvalues > 0 && skip_values(&p, n) &&
	       is_for_key(p, c->table);
}

bool
change_read(struct change *c, const char *sql, const struct value *value,
    size_t nvalues)
{
	static const char insert[] = "INSERT INTO ", delete[] = "DELETE FROM ";
	bool inserts = strncmp(sql, insert, strlen(insert)) == 0;

	if (!inserts && strncmp(sql, delete, strlen(delete)) != 0)
		return false;
	sql += inserts ? strlen(insert) : strlen(delete);
	c->table = table_at(sql);
	if (c->table == NULL || nvalues > DB_MAX_COLUMNS)
		return false;
	if (inserts)
		return read_insert(c, sql, value, nvalues);
	buf_puts(&c->where, skip_name(sql));
	memcpy(c->value, value, nvalues * sizeof *value);
	c->nvalues = nvalues;
	return true;
}
