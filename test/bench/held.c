/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "held.h"
#include "stream/form_read.h"
#include "stream/statement.h"

#define MAX_FORMS 512
#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

static bool bare;
static struct query queries[MAX_FORMS];
static char *originals[MAX_FORMS];
static size_t counts[MAX_FORMS]; /* values that the bare one takes */
static size_t nforms;
static struct write *writes;
static size_t nwrites, writes_cap;
static struct value *values;
static size_t nvalues, values_cap;

/* INSERT ... SELECT v WHERE guards ON CONFLICT ... WHERE stamps, bare. */
static char *
strip(const char *sql, size_t *n)
{
	const char *select = strstr(sql, " SELECT "), *where, *conflict, *tail;
	char *text = malloc(strlen(sql) + 16);

	if (text == NULL)
		err(1, NULL);
	memcpy(text, sql, strlen(sql) + 1);
	*n = (size_t)-1;
	if (strncmp(sql, "INSERT", 6) != 0)
		return text;
	conflict = strstr(sql, " ON CONFLICT");
	tail = strstr(conflict, " WHERE ");
	where = strstr(sql, " WHERE NOT EXISTS");
	if (select == NULL || where == NULL) {
		text[(tail ? tail : sql + strlen(sql)) - sql] = '\0';
		return text;
	}
	*n = 1;
	for (const char *p = select; p < where; p++)
		*n += *p == ',';
	sprintf(text, "%.*s VALUES (%.*s)%.*s", (int)(select - sql), sql,
	    (int)(where - select - 8), select + 8,
	    (int)((tail ? tail : sql + strlen(sql)) - conflict), conflict);
	return text;
}

static size_t
number_of(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < nforms; i++)
		if (strlen(originals[i]) == len &&
		    memcmp(originals[i], text, len) == 0)
			return i;
	if (nforms == MAX_FORMS)
		errx(1, "more than %d forms", MAX_FORMS);
	originals[i] = strndup(text, len);
	/* With what wos-apply knows of it: what a first load may skip. */
	queries[i] = form_read(text, len)->query;
	queries[i].sql = originals[i];
	counts[i] = (size_t)-1;
	if (bare)
		queries[i].sql = strip(originals[i], &counts[i]);
	return nforms++;
}

/* All texts, one after the other; they live as long as the program. */
static struct value
copy(struct value v)
{
	static char *arena;
	static size_t left;

	if (v.type != VALUE_TEXT || v.len == 0)
		return v;
	if (v.len > left) {
		left = ARENA_BYTES + v.len;
		if ((arena = malloc(left)) == NULL)
			err(1, NULL);
	}
	memcpy(arena, v.text, v.len);
	v.text = arena;
	arena += v.len;
	left -= v.len;
	return v;
}

static bool
is_about_orphans(const char *sql)
{
	return strncmp(sql, "INSERT INTO \"orphan\"", 20) == 0 ||
	       strncmp(sql, "DELETE FROM \"orphan\"", 20) == 0;
}

static void
remember(const struct statement *s)
{
	struct write w = {.first = nvalues};
	size_t form;

	if (nwrites == writes_cap) {
		writes_cap = writes_cap ? writes_cap * 2 : 4096;
		writes = realloc(writes, writes_cap * sizeof *writes);
	}
	while (nvalues + s->nvalues >= values_cap) {
		values_cap = values_cap ? values_cap * 2 : 65536;
		values = realloc(values, values_cap * sizeof *values);
	}
	if (writes == NULL || values == NULL)
		err(1, NULL);
	if (memcmp(s->sql.p, "SAVEPOINT", 9) == 0 ||
	    (bare && is_about_orphans(s->sql.p)))
		return;
	if (memcmp(s->sql.p, "RELEASE", 7) != 0) {
		form = number_of(s->sql.p, s->sql.len);
		w.query = &queries[form];
		w.n = counts[form] < s->nvalues ? counts[form] : s->nvalues;
		for (size_t i = 0; i < w.n; i++)
			values[nvalues++] = copy(s->value[i]);
	}
	writes[nwrites++] = w;
}

struct held
held_read(const char *path, bool without_guards)
{
	struct statement s = {0};
	size_t pos = 0, len;
	struct stat st;
	char *text;
	int fd;

	bare = without_guards;
	if ((fd = open(path, O_RDONLY)) == -1 || fstat(fd, &st) == -1)
		err(1, "%s", path);
	len = (size_t)st.st_size;
	text = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		err(1, "%s", path);
	for (; statement_read(&s, text + pos, len - pos); pos += s.size)
		remember(&s);
	return (struct held){writes, nwrites, values, nvalues, queries, nforms};
}

double
held_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
