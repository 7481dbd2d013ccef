/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "facts_scope.h"
#include "scope.h"
#include "visible.h"

/* Bytes of a cursor's name, or of an organization's id, that are shown. */
#define SHOWN_SIZE 600

static void
put_text(FILE *out, const char *text)
{
	char shown[SHOWN_SIZE];

	fprintf(out, "\t%s",
	    *text ? visible(shown, sizeof shown, text, strlen(text)) : "-");
}

static size_t
count(const struct scope *s, enum scope_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < s->ntypes; i++)
		n += s->type[i].state == state;
	return n;
}

static int64_t
latest_since(const struct scope *s)
{
	int64_t latest = SCOPE_OLDEST;

	for (size_t i = 0; i < s->ntypes; i++)
		if (s->type[i].state == SCOPE_COVERED &&
		    s->type[i].since > latest)
			latest = s->type[i].since;
	return latest;
}

static void
put_scope(const struct scope *s, const char *name, bool stray, FILE *out)
{
	int64_t since = latest_since(s);

	fputs("scope", out);
	put_text(out, name);
	put_text(out, stray ? "stray" : s->known ? "known" : "unknown");
	fprintf(out, "\t%zu\t%zu\t%zu", count(s, SCOPE_COVERED),
	    count(s, SCOPE_REFUSED), count(s, SCOPE_FILLING));
	if (since == SCOPE_OLDEST)
		put_text(out, "");
	else
		fprintf(out, "\t%" PRId64, since);
	put_text(out, s->organization);
	putc('\n', out);
	for (size_t i = 0; i < s->ntypes; i++) {
		if (s->type[i].state != SCOPE_REFUSED)
			continue;
		fputs("refused", out);
		put_text(out, name);
		put_text(out, s->type[i].name);
		putc('\n', out);
	}
}

enum db_result
facts_scope(struct db *db, const char *name, FILE *out)
{
	struct scope s;
	bool stray = false;
	enum db_result rc = scope_read(db, name, &s);

	if (rc == DB_OK)
		rc = scope_is_stray(db, &s, &stray);
	if (rc == DB_OK)
		put_scope(&s, name, stray, out);
	scope_free(&s);
	return rc;
}
