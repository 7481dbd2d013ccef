/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "gone.h"
#include "json_string.h"
#include "timestamp.h"

void
gone_line(struct buf *out, const struct table *t, const struct value *row,
    int64_t listed_at)
{
	char at[TIMESTAMP_SIZE];
	const char *sep = "", *dot;

	timestamp_format(listed_at, at);
	buf_printf(out,
	    "{\"object\":\"list_gone\",\"of\":\"%s\",\"listed_at\":\"%s\","
	    "\"data\":{",
	    t->name, at);
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (!t->column[i].key)
			continue;
		dot = strchr(t->column[i].path, '.');
		if (dot != NULL)
			buf_printf(out, "%s\"%.*s\":{\"%s\":", sep,
			    (int)(dot - t->column[i].path), t->column[i].path,
			    dot + 1);
		else
			buf_printf(out, "%s\"%s\":", sep, t->column[i].path);
		if (row[i].type == VALUE_TEXT)
			json_string(out, row[i].text, row[i].len);
		else /* no key of ours */
			buf_puts(out, "\"\"");
		if (dot != NULL)
			buf_putc(out, '}');
		sep = ",";
	}
	buf_puts(out, "}}");
}
