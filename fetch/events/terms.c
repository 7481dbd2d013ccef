/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "clock.h"
#include "terms.h"

static void
add_time(struct buf *out, const char *what, int64_t ms)
{
	if (ms != TIME_NONE)
		buf_printf(out, "%s %" PRId64 "\n", what, ms);
}

static void
add_begin(struct buf *out, const struct terms *t)
{
	if (t->after != NULL)
		buf_printf(out, "begins after %s\n", t->after);
	else if (t->since == TIME_NONE)
		buf_puts(out, "begins oldest\n");
	else
		add_time(out,
		    t->from_environment ? "begins range" : "begins at",
		    t->since);
}

void
terms_add(struct buf *out, const struct terms *t, const struct names *types,
    bool key_of_file)
{
	add_begin(out, t);
	add_time(out, "until", t->until);
	if (t->max != UINT64_MAX)
		buf_printf(out, "max %" PRIu64 "\n", t->max);
	add_time(out, "margin", t->margin);
	if (t->follow_ms > 0)
		add_time(out, "follow", t->follow_ms);
	if (t->organization != NULL)
		buf_printf(out, "organization %s\n", t->organization);
	buf_printf(out, "key %s\n", key_of_file ? "file" : "environment");
	for (size_t i = 0; i < types->n; i++)
		buf_printf(out, "type %s\n", types->name[i]);
}
