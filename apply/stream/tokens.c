/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "tokens.h"

bool
tokens_next(struct tokens *t)
{
	const char *p;

	while (t->p < t->end && *t->p == ' ')
		t->p++;
	if (t->p == t->end)
		return false;
	p = t->token = t->p;
	if (*p == '"') {
		p = memchr(p + 1, '"', (size_t)(t->end - p - 1));
		t->p = p ? p + 1 : t->end;
	} else if (isalnum((unsigned char)*p) || *p == '$') {
		for (p++; p < t->end && isalnum((unsigned char)*p);)
			p++;
		t->p = p;
	} else {
		t->p = p + 1;
	}
	t->len = (size_t)(t->p - t->token);
	return true;
}

bool
tokens_is(const struct tokens *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->token, word, t->len) == 0;
}

bool
tokens_is_name(const struct tokens *t)
{
	return *t->token == '"';
}

bool
tokens_name(const struct tokens *t, char *name, size_t size)
{
	size_t len = t->len - 2; /* the quotes */

	if (!tokens_is_name(t) || t->len < 2 || len >= size)
		return false;
	memcpy(name, t->token + 1, len);
	name[len] = '\0';
	return true;
}

bool
tokens_is_qualifier(const struct tokens *t)
{
	struct tokens after = *t;

	return tokens_is_name(t) && tokens_next(&after) &&
	       tokens_is(&after, ".");
}
