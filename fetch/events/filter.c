/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "jq_filter.h"
#include "jsontext.h"
#include "log.h"
#include "memory.h"
#include "status.h"

struct filter {
	struct jq_filter *jq;
	struct buf out;
	int64_t failed; /* lines */
};

struct filter *
filter_new(const char *program)
{
	struct filter *f = memory_new(1, sizeof *f);

	f->jq = jq_filter_new(program);
	return f;
}

static void
take_value(void *arg, const char *value, size_t len)
{
	struct buf *out = arg;

	buf_add(out, value, len);
	buf_putc(out, '\n');
}

/* The line is one that page.c has made. */
static void
complain(struct filter *f, const char *line, size_t len)
{
	struct jsonspan id =
	    jsontext_member((struct jsonspan){line, len}, "id");
	char quote[LOG_QUOTE_SIZE] = "an event without an id";
	char why[LOG_QUOTE_SIZE];
	const char *text = jq_filter_why(f->jq);

	if (jsontext_is_string(id))
		log_field("event_id", log_quote(quote, id.p + 1, id.len - 2));
	log_warnx("%s: --jq: %s", quote, log_quote(why, text, strlen(text)));
}

void
filter_lines(struct filter *f, struct buf *lines)
{
	const char *p = lines->p, *end = p + lines->len, *newline;
	struct buf swap = *lines;

	for (buf_clear(&f->out); p < end; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (jq_filter_each(f->jq, p, (size_t)(newline - p), take_value,
			&f->out) == 0)
			continue;
		if (f->failed++ < LOG_PARKED_MOST)
			complain(f, p, (size_t)(newline - p));
	}
	*lines = f->out;
	f->out = swap;
}

int
filter_free(struct filter *f)
{
	int64_t failed;

	if (f == NULL)
		return STATUS_DONE;
	failed = f->failed;
	if (failed > LOG_PARKED_MOST)
		log_warnx("--jq: the program failed at %" PRId64 " more events",
		    failed - LOG_PARKED_MOST);
	jq_filter_free(f->jq);
	buf_free(&f->out);
	free(f);
	return failed > 0 ? STATUS_FAILED : STATUS_DONE;
}
