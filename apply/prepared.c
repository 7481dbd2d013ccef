/* SPDX-License-Identifier: MIT */
/* An open hash table, never more than half full. */
#include <stdint.h>
#include <stdlib.h>

#include "memory.h"
#include "prepared.h"

/* wos-apply has some fifty queries, and the stream a few dozen. */
#define FIRST_SLOTS 256

/* The slot of the query, or the free one where it belongs. */
static size_t
find(const struct prepared *p, const struct query *q)
{
	size_t i =
	    ((uint64_t)(uintptr_t)q * UINT64_C(0x9E3779B97F4A7C15)) >> 32;

	for (i &= p->cap - 1; p->slot[i].query != q; i = (i + 1) & (p->cap - 1))
		if (p->slot[i].query == NULL)
			break;
	return i;
}

void *
prepared_find(const struct prepared *p, const struct query *q)
{
	return p->n > 0 ? p->slot[find(p, q)].kept : NULL;
}

static void
grow(struct prepared *p)
{
	struct prepared old = *p;

	p->cap = old.cap > 0 ? old.cap * 2 : FIRST_SLOTS;
	p->slot = memory_new(p->cap, sizeof *p->slot);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slot[i].query != NULL)
			p->slot[find(p, old.slot[i].query)] = old.slot[i];
	free(old.slot);
}

void
prepared_add(struct prepared *p, const struct query *q, void *kept)
{
	if (p->n * 2 >= p->cap)
		grow(p);
	p->slot[find(p, q)] = (struct prepared_slot){q, kept};
	p->n++;
}

void *
prepared_remove(struct prepared *p, const struct query *q)
{
	struct prepared_slot none = {0}, moved;
	void *kept = prepared_find(p, q);
	size_t i;

	if (kept == NULL)
		return NULL;
	i = find(p, q);
	p->slot[i] = none;
	p->n--;
	/* Those behind it may have been put there because it was taken. */
	while (i = (i + 1) & (p->cap - 1), p->slot[i].query != NULL) {
		moved = p->slot[i];
		p->slot[i] = none;
		p->slot[find(p, moved.query)] = moved;
	}
	return kept;
}

void
prepared_release(struct prepared *p)
{
	free(p->slot);
	*p = (struct prepared){0};
}
