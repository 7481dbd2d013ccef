/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "form_read.h"
#include "forms.h"

/* Where a table's name has ended, in bytes. */
#define START_MOST 80

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

void
forms_release(struct forms *f, struct db *db)
{
	for (size_t i = 0; i < FORMS_SLOTS; i++)
		if (f->by_text[i].form != NULL) {
			db_forget(db, &f->by_text[i].form->query);
			form_free(f->by_text[i].form);
		}
	memset(f, 0, sizeof *f);
}

/* The slot of the form that begins like this, or a free one. */
static struct forms_slot *
start_slot(struct forms *f, const char *text, size_t len)
{
	uint64_t hash = hash_of(text, start_of(text, len));
	struct forms_slot *slot;

	for (size_t i = hash;; i++) {
		slot = &f->by_start[i % FORMS_SLOTS];
		if (slot->form == NULL || slot->hash == hash)
			break;
	}
	slot->hash = hash;
	return slot;
}

static struct forms_slot *
text_slot(struct forms *f, const char *text, size_t len)
{
	uint64_t hash = hash_of(text, len);
	struct forms_slot *slot;

	for (size_t i = hash;; i++) {
		slot = &f->by_text[i % FORMS_SLOTS];
		if (slot->form == NULL ||
		    (slot->hash == hash && slot->form->len == len &&
			memcmp(slot->form->query.sql, text, len) == 0))
			break;
	}
	slot->hash = hash;
	return slot;
}

/* The statement at hand has this form. */
static struct form *
follow(struct forms *f, struct form *form)
{
	if (f->last != NULL)
		f->last->next = form;
	f->last = form;
	return form;
}

struct form *
forms_get(struct forms *f, struct db *db, const char *sql, size_t len)
{
	struct forms_slot *slot = text_slot(f, sql, len);

	if (slot->form == NULL && f->n == FORMS_MAX) {
		forms_release(f, db);
		slot = text_slot(f, sql, len);
	}
	if (slot->form == NULL) {
		slot->form = form_read(sql, len);
		f->n++;
	}
	if (slot->form->why == NULL)
		start_slot(f, sql, len)->form = follow(f, slot->form);
	return slot->form;
}

struct form *
forms_match(struct forms *f, struct statement *s, const char *text, size_t len)
{
	size_t lead = 0;
	struct form *form = f->last != NULL ? f->last->next : NULL;

	while (lead < len && isspace((unsigned char)text[lead]))
		lead++;
	if (lead < len && (text[lead] == 'S' || text[lead] == 'R'))
		return NULL; /* SAVEPOINT and RELEASE, each with its own name */
	if (form != NULL && statement_match(s, &form->pattern, text, len))
		return follow(f, form);
	form = start_slot(f, text + lead, len - lead)->form;
	if (form == NULL || !statement_match(s, &form->pattern, text, len))
		return NULL;
	return follow(f, form);
}
