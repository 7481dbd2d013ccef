/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "assign.h"
#include "buf.h"
#include "cascade.h"
#include "log.h"
#include "shape.h"
#include "tokens.h"

/* An open hash table with room to spare. */
#define SLOTS ((size_t)SHAPES_MAX * 2)

/* Where a table's name has ended, in bytes. */
#define START_MOST 80

struct slot {
	uint64_t hash;
	struct shape *shape; /* NULL: free */
};

/* Statements that take a parent's descendants along. */
struct cascades {
	struct cascade {
		char *sql;
		const char *parent;
	} * cascade;
	size_t n;
};

/* All shapes by their text, and those that were asked for last by start_of. */
static struct slot by_text[SLOTS], by_start[SLOTS];
static size_t used; /* of by_text; by_start has no more */

/* The shape of the last statement; another's `next` followed it last time. */
static struct shape *last;

/* A word of eight bytes at a time; collisions only cost a comparison. */
static uint64_t
hash_of(const char *text, size_t len)
{
	const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
	uint64_t hash = len * odd, word;

	for (; len >= sizeof word; len -= sizeof word, text += sizeof word) {
		memcpy(&word, text, sizeof word);
		hash = (hash ^ word) * odd;
		hash ^= hash >> 29;
	}
	word = 0;
	memcpy(&word, text, len);
	hash = (hash ^ word) * odd;
	return hash ^ hash >> 32;
}

/* How many bytes the statement's verb and table take: INSERT INTO "user". */
static size_t
start_of(const char *text, size_t len)
{
	const char *open, *close;

	if (len > START_MOST)
		len = START_MOST;
	if ((open = memchr(text, '"', len)) == NULL)
		return 0;
	len -= (size_t)(open + 1 - text);
	close = memchr(open + 1, '"', len);
	return close == NULL ? 0 : (size_t)(close - text);
}

/* The table that the token names, if the stream may write it. */
static const struct table *
table_named(const struct tokens *t)
{
	char name[COLUMN_NAME_SIZE];
	const struct table *table;

	if (!tokens_name(t, name, sizeof name))
		return NULL;
	table = catalogue_table(name);
	return table != NULL && !table->is_private ? table : NULL;
}

static bool
is_known_name(const struct tokens *t)
{
	char name[COLUMN_NAME_SIZE];

	return table_named(t) != NULL || (tokens_name(t, name, sizeof name) &&
					     catalogue_column(name) != NULL);
}

/* The words of row changes.  COALESCE is the one that calls something. */
static bool
is_known_word(const struct tokens *t)
{
	static const char *const words[] = {"AND", "COALESCE", "CONFLICT",
	    "DELETE", "DO", "EXISTS", "FROM", "INSERT", "INTO", "NOT",
	    "NOTHING", "ON", "OR", "SELECT", "SET", "UPDATE", "VALUES", "WHERE",
	    "excluded"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (tokens_is(t, words[i]))
			return true;
	return false;
}

/* A dollar sign and digits: SQLite's parameters may go on with a word. */
static bool
is_mark(const struct tokens *t)
{
	for (size_t i = 1; i < t->len; i++)
		if (!isdigit((unsigned char)t->token[i]))
			return false;
	return true;
}

/* INSERT INTO "t", DELETE FROM "t" or UPDATE "t"; leaves t on the table. */
static const char *
check_start(struct tokens *t, struct shape *s)
{
	bool insert;

	if (!tokens_next(t))
		return "empty statement";
	insert = tokens_is(t, "INSERT");
	if (!insert && !tokens_is(t, "DELETE") && !tokens_is(t, "UPDATE"))
		return "neither INSERT, UPDATE nor DELETE";
	if (!tokens_is(t, "UPDATE") &&
	    (!tokens_next(t) || !tokens_is(t, insert ? "INTO" : "FROM")))
		return "INSERT without INTO, or DELETE without FROM";
	if (!tokens_next(t) || (s->table = table_named(t)) == NULL)
		return "not a table that events change";
	return NULL;
}

static const char *
check(struct shape *s, const char *text, size_t len)
{
	struct tokens t = {text, text + len, NULL, 0};
	const char *why = check_start(&t, s);
	bool name = false;    /* was the last token one that '(' would call? */
	bool operand = false; /* and one that a name would rename? */

	if (s->query.cascade != NULL)
		return why; /* its text is known: no other may say IN */
	while (why == NULL && tokens_next(&t)) {
		if (*t.token == '"' && !is_known_name(&t))
			why = "a name that is not in the catalogue";
		else if (isalpha((unsigned char)*t.token) && !is_known_word(&t))
			why = "a word that row changes don't need";
		else if (*t.token == '$' && !is_mark(&t))
			why = "a literal and a word in one";
		else if (strchr("\"$(),.=<>", *t.token) == NULL &&
			 !isalpha((unsigned char)*t.token))
			why = "punctuation that row changes don't need";
		else if (name && *t.token == '(')
			why = "a function call";
		else if (operand && *t.token == '"')
			why = "another name for something";
		name = *t.token == '"';
		operand = name || *t.token == '$' || *t.token == ')';
	}
	return why == NULL ? assign_check(s, text, len) : why;
}

/* Adds the shapes of what takes descendants along, from this parent on. */
static void
add_cascades(struct cascades *c, const struct table *parent)
{
	struct statement s = {0};
	struct buf sql = {0};

	cascade_delete(&sql, parent, "''", 2);
	for (size_t at = 0; statement_read(&s, sql.p + at, sql.len - at);
	     at += s.size) {
		struct cascade *more =
		    realloc(c->cascade, (c->n + 1) * sizeof *c->cascade);

		if (more == NULL ||
		    (more[c->n].sql = strndup(s.shape.p, s.shape.len)) == NULL)
			log_err(1, NULL);
		more[c->n].parent = parent->name;
		c->cascade = more;
		c->n++;
	}
	statement_release(&s);
	buf_free(&sql);
}

/*
 * Whose descendants the statement takes along, or NULL: one that wos-decode
 * writes after a parent's tombstone.
 */
static const char *
cascade_of(const char *sql)
{
	static struct cascades c; /* as long as the program */
	size_t ntables;
	const struct table *t = catalogue_tables(&ntables);

	if (c.n == 0)
		for (; ntables > 0; ntables--, t++)
			add_cascades(&c, t);
	for (size_t i = 0; i < c.n; i++)
		if (strcmp(c.cascade[i].sql, sql) == 0)
			return c.cascade[i].parent;
	return NULL;
}

/* Is it wos-decode's note that the object before may be an orphan? */
static bool
is_note(const char *sql)
{
	static const char start[] =
	    ORPHAN_INSERT "SELECT $1,$2,$3,$4,$5,$6,$7" ORPHAN_NOTE;

	return strncmp(sql, start, sizeof start - 1) == 0;
}

static struct shape *
shape_make(const char *text, size_t len)
{
	struct shape *s = calloc(1, sizeof *s);
	char *sql = malloc(len + 1);

	if (s == NULL || sql == NULL)
		log_err(1, NULL);
	memcpy(sql, text, len);
	sql[len] = '\0';
	s->query = (struct query){.sql = sql, .foreign = true};
	s->len = len;
	pattern_init(&s->pattern, sql, len);
	s->query.cascade = cascade_of(sql);
	s->query.note = is_note(sql);
	s->why = check(s, text, len);
	if (s->why != NULL)
		s->table = NULL;
	return s;
}

void
shapes_release(struct db *db)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (by_text[i].shape != NULL) {
			db_forget(db, &by_text[i].shape->query);
			free((void *)by_text[i].shape->query.sql);
			free(by_text[i].shape);
		}
	memset(by_text, 0, sizeof by_text);
	memset(by_start, 0, sizeof by_start);
	used = 0;
	last = NULL;
}

/* The slot of the shape that begins like this, or a free one. */
static struct slot *
start_slot(const char *text, size_t len)
{
	uint64_t hash = hash_of(text, start_of(text, len));
	struct slot *slot;

	for (size_t i = hash;; i++) {
		slot = &by_start[i % SLOTS];
		if (slot->shape == NULL || slot->hash == hash)
			break;
	}
	slot->hash = hash;
	return slot;
}

static struct slot *
text_slot(const char *text, size_t len)
{
	uint64_t hash = hash_of(text, len);
	struct slot *slot;

	for (size_t i = hash;; i++) {
		slot = &by_text[i % SLOTS];
		if (slot->shape == NULL ||
		    (slot->hash == hash && slot->shape->len == len &&
			memcmp(slot->shape->query.sql, text, len) == 0))
			break;
	}
	slot->hash = hash;
	return slot;
}

/* The statement at hand has this shape. */
static struct shape *
follow(struct shape *shape)
{
	if (last != NULL)
		last->next = shape;
	last = shape;
	return shape;
}

struct shape *
shape_get(struct db *db, const char *text, size_t len)
{
	struct slot *slot = text_slot(text, len);

	if (slot->shape == NULL && used == SHAPES_MAX) {
		shapes_release(db);
		slot = text_slot(text, len);
	}
	if (slot->shape == NULL) {
		slot->shape = shape_make(text, len);
		used++;
	}
	if (slot->shape->why == NULL)
		start_slot(text, len)->shape = follow(slot->shape);
	return slot->shape;
}

struct shape *
shape_match(struct statement *s, const char *text, size_t len)
{
	size_t lead = 0;
	struct shape *shape = last != NULL ? last->next : NULL;

	while (lead < len && isspace((unsigned char)text[lead]))
		lead++;
	if (lead < len && (text[lead] == 'S' || text[lead] == 'R'))
		return NULL; /* SAVEPOINT and RELEASE, each with its own name */
	if (shape != NULL && statement_match(s, &shape->pattern, text, len))
		return follow(shape);
	shape = start_slot(text + lead, len - lead)->shape;
	if (shape == NULL || !statement_match(s, &shape->pattern, text, len))
		return NULL;
	return follow(shape);
}
