/* SPDX-License-Identifier: MIT */
#include "change/pending.h"

/* FNV-1a: rows of the same key have the same; others hardly ever. */
static uint64_t
hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	while (len-- > 0)
		hash = (hash ^ *p++) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t
hash_key(const struct table *t, const struct value *row)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	hash = hash_bytes(hash, &t, sizeof t);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->column[i].key && row[i].type == VALUE_TEXT)
			hash = hash_bytes(hash, row[i].text, row[i].len);
	return hash;
}

/* Its key is in either, also after the row has gone. */
static const struct value *
values_of(const struct pending_row *r)
{
	return r->new.value != NULL ? r->new.value : r->old.value;
}

/* What is there of this row; NULL: nothing yet. */
static struct pending_row *
find(struct pending *p, const struct table *t, const struct value *row,
    uint64_t hash)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->hash[i] == hash && p->row[i].table == t &&
		    row_has_key(t, values_of(&p->row[i]), row))
			return &p->row[i];
	return NULL;
}

static size_t
set(struct row *r, const struct table *t, const struct value *value)
{
	r->found = false;
	if (value != NULL)
		row_copy(r, t, value, t->ncolumns);
	return value != NULL ? r->text.len + t->ncolumns * sizeof *value : 0;
}

void
pending_add(struct pending *p, const struct table *t,
    const struct value *before, const struct value *after)
{
	const struct value *row = after != NULL ? after : before;
	uint64_t hash = hash_key(t, row);
	struct pending_row *r = find(p, t, row, hash);

	if (r == NULL) {
		r = &p->row[p->n];
		r->table = t;
		p->hash[p->n++] = hash;
		p->bytes += set(&r->old, t, before);
	}
	p->bytes += set(&r->new, t, after);
}

bool
pending_is_full(const struct pending *p)
{
	return p->n == PENDING_ROWS || p->bytes >= PENDING_BYTES;
}

void
pending_tell(struct pending *p, pending_fn *tell, void *arg)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct pending_row *r = &p->row[i];
		const struct value *before = row_values(&r->old),
				   *after = row_values(&r->new);

		if (before != NULL && after != NULL
			? !row_is_same(r->table, before, after)
			: before != after)
			tell(arg, r->table, before, after);
	}
	pending_forget(p);
}

void
pending_forget(struct pending *p)
{
	while (p->n > 0) {
		p->n--;
		row_free(&p->row[p->n].old);
		row_free(&p->row[p->n].new);
	}
	p->bytes = 0;
}
