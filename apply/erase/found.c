/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "erase/found.h"
#include "log.h"
#include "memory.h"

/* What is found of so many: each is a parameter of statements, in turn. */
#define FOUND_MOST 100000

enum db_result
found_asked(struct found *f, enum db_result rc)
{
	if (rc != DB_REFUSED || !f->dry)
		return rc;
	f->lacks = true;
	return DB_OK;
}

bool
found_has(const struct found *f, enum erased_kind kind)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->text[i].kind == kind)
			return true;
	return false;
}

void
found_add(void *found, enum erased_kind kind, const char *text, size_t len)
{
	struct found *f = found;
	struct found_text *t;

	if (len == 0 || len > ERASED_TEXT_MAX ||
	    (kind == ERASED_ID ? erased_has_id(&f->erased, text, len)
			       : erased_has_address(&f->erased, text, len,
				     INT64_MIN, kind == ERASED_ADDRESS)))
		return;
	if (f->n == FOUND_MOST)
		log_errx(1, "more than %d ids and addresses", FOUND_MOST);
	erased_add(&f->erased, kind, text, len, f->now);
	f->text = memory_more(f->text, f->n + 1, sizeof *f->text);
	t = &f->text[f->n++];
	*t = (struct found_text){memory_new(len + 1, 1), len, kind};
	memcpy(t->text, text, len);
}

void
found_release(struct found *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->text[i].text);
	free(f->text);
	erased_release(&f->erased);
	*f = (struct found){0};
}
