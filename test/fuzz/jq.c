/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the programs of --jq and a stranger's text.  The first byte says
 * which program.  What it makes of the text is JSON, a value a line, or there
 * is a reason that can be told; the one that changes nothing says so; and it
 * sees nothing but the text.
 */
#include "fuzz.h"
#include "jq_filter.h"

static const char *const program[] = {".", ".data?", "..|scalars", ".[]?",
    "select(.event|startswith(\"user.\"))", "{id, t:.created_at}",
    "tojson,(tojson|fromjson)", "@base64,@uri,@csv,@sh",
    "(.created_at|fromdateiso8601)", "env,$ENV", "input", "keys,to_entries",
    "try error catch .", "[paths]|length", "del(.data)", "test(\"^a+b?$\")",
    "halt", "error", "debug"};
#define PROGRAMS (sizeof program / sizeof *program)

struct seen {
	struct jq_filter *filter;
	bool identity, environment;
	size_t n;
};

static void
take(void *arg, const char *value, size_t len)
{
	struct seen *s = arg;

	read_line(value, len);
	MUST(is_utf8(value, len));
	MUST(!s->identity || jq_filter_same(s->filter));
	MUST(!s->environment || (len == 2 && memcmp(value, "{}", 2) == 0));
	s->n++;
}

static struct jq_filter *filter[PROGRAMS];

static void
end(void)
{
	for (size_t i = 0; i < PROGRAMS; i++)
		jq_filter_free(filter[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen s = {0};
	size_t which, at;
	const char *why, *text = (const char *)data + 1;
	bool json;
	int rc;

	if (size-- == 0)
		return 0;
	which = *data % PROGRAMS;
	if (filter[0] == NULL) {
		filter[0] = jq_filter_new(program[0]);
		atexit(end); /* a leak checker does not see what libjq holds */
	}
	if (filter[which] == NULL)
		filter[which] = jq_filter_new(program[which]);
	s.filter = filter[which];
	s.identity = which == 0;
	s.environment = strcmp(program[which], "env,$ENV") == 0;
	json = jsontext_check(text, size, &why, &at).p != NULL;
	rc = jq_filter_each(s.filter, text, size, take, &s);
	MUST(rc == 0 || *jq_filter_why(s.filter) != '\0');
	MUST(json || (rc == -1 && s.n == 0));
	MUST(!json || !s.identity || (rc == 0 && s.n == 1));
	return 0;
}
