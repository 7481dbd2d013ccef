/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __APPLE__
#include <sys/random.h> /* getentropy */
#endif
#include <unistd.h>

#include "log.h"
#include "memory.h"
#include "pg_prepared.h"

/*
 * The most statements that the server may keep and nobody needs: each takes
 * memory of its process.  As many are kept for the stream, see forms.h.
 */
#define MOST_FORGOTTEN 512

void
pg_prepared_begin(struct pg_prepared_list *l)
{
	struct pg_prepared *s, *next;
	uint64_t number;

	if (getentropy(&number, sizeof number) == -1)
		log_err(1, "PostgreSQL: a tag for names of statements");
	snprintf(l->tag, sizeof l->tag, "%016" PRIx64, number);
	l->session++;
	l->forgotten = 0;
	for (s = l->first; s != NULL; s = next) {
		next = s->next;
		pg_prepared_free(l, s);
	}
}

struct pg_prepared *
pg_prepared_new(struct pg_prepared_list *l)
{
	struct pg_prepared *s = memory_new(1, sizeof *s);

	s->next = l->first;
	l->first = s;
	return s;
}

bool
pg_prepared_is_there(
    const struct pg_prepared_list *l, const struct pg_prepared *s)
{
	return s->session == l->session;
}

void
pg_prepared_name(struct pg_prepared_list *l, struct pg_prepared *s)
{
	snprintf(s->name, sizeof s->name, "wos_%s_%u", l->tag, l->names++);
}

void
pg_prepared_forget(struct pg_prepared_list *l, struct pg_prepared *s)
{
	l->forgotten += pg_prepared_is_there(l, s);
	s->forgotten = true;
	pg_prepared_free(l, s);
}

struct pg_prepared *
pg_prepared_spare(const struct pg_prepared_list *l)
{
	struct pg_prepared *s = l->first;

	if (l->forgotten < MOST_FORGOTTEN)
		return NULL;
	while (s != NULL &&
	       (!s->forgotten || s->leaving || !pg_prepared_is_there(l, s)))
		s = s->next;
	return s;
}

void
pg_prepared_free(struct pg_prepared_list *l, struct pg_prepared *s)
{
	struct pg_prepared **at = &l->first;

	if (!s->forgotten || s->underway > 0 || pg_prepared_is_there(l, s))
		return;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	free(s);
}

void
pg_prepared_leave(const struct pg_prepared_list *l, struct buf *sql)
{
	for (struct pg_prepared *s = l->first; s != NULL; s = s->next)
		if (pg_prepared_is_there(l, s))
			buf_printf(sql, "DEALLOCATE %s;", s->name);
}

void
pg_prepared_free_all(struct pg_prepared_list *l)
{
	struct pg_prepared *s;

	while ((s = l->first) != NULL) {
		l->first = s->next;
		free(s);
	}
}
