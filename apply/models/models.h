/* SPDX-License-Identifier: MIT */
#ifndef WOS_MODELS_H
#define WOS_MODELS_H

#include <stdbool.h>

#include "buf.h"
#include "catalogue.h"
#include "ddl.h"

/*
 * What `wos-apply --schema` prints: SQL, or the views as another program's
 * models, with their relations.  A writer is a table of functions, one for each
 * program; what of a relation or a name they share is here.
 */
struct model {
	struct buf *out;
	enum dialect in;
	const struct column *only; /* dbt's: the one at hand */
};

struct writer {
	const char *name;
	bool dialects;                 /* is it another one for SQLite? */
	void (*head)(struct model *m); /* before all tables, or NULL */
	void (*table)(struct model *m, const struct table *t);
	void (*tail)(struct model *m); /* after them, or NULL */
};

extern const struct writer model_dbt, model_drizzle, model_mdoc, model_mermaid,
    model_prisma, model_sqlalchemy, model_svg, model_typescript;

/*
 * Adds what --schema prints for these words: "sqlite", "prisma", or with a
 * dialect that is not PostgreSQL, "prisma:sqlite".  Returns 0, or -1 if there
 * is no such thing.
 */
int models_print(struct buf *out, const char *what);

/* For those words: "sqlite, postgres, prisma, ..."; added to `out`. */
void models_names(struct buf *out);

/* Where it is from, for a comment: "Made by wos-apply --schema prisma". */
void model_origin(struct model *m, const char *name);

/* UserEmail of user_email. */
void model_pascal(struct buf *out, const char *name);

/* May it be NULL in the view? */
bool model_is_nullable(const struct shown *s);

/* How many columns the key has. */
size_t model_keys(const struct table *t);

/* A relation of a row to the row whose id is in one of its columns. */
struct relation {
	const struct table *from, *to;
	const struct column *column;
	bool must;
	bool shared; /* may the id be that of another table's row, too? */
	char one[COLUMN_NAME_SIZE]; /* the other row's name, of this one */
	char
	    many[3 * COLUMN_NAME_SIZE]; /* these rows' name, of the other one */
};

/*
 * Calls `each` for the relations of the table to its parents, or with
 * `children` for those of others to it; in the catalogue's order.
 */
void model_relations(const struct table *t, bool children,
    void (*each)(struct model *m, const struct relation *r), struct model *m);

/* Has it any such? */
bool model_has_relations(const struct table *t, bool children);

#endif
