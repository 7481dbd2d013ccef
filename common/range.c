/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "range.h"
#include "timestamp.h"

/* Reads the digits that a text begins with. */
static int
read_digits(const char **text, int64_t *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return -1;
	errno = 0;
	*value = strtoimax(*text, &end, 10);
	*text = end;
	return errno == 0 ? 0 : -1;
}

int
time_read_span(const char *text, int64_t *ms)
{
	static const char unit[] = "smhd";
	static const int64_t worth[] = {
	    SECOND_MS, 60 * SECOND_MS, 3600 * SECOND_MS, DAY_MS};
	const char *found;
	int64_t n;

	if (read_digits(&text, &n) == -1 || *text == '\0' || text[1] != '\0' ||
	    (found = strchr(unit, *text)) == NULL)
		return -1;
	if (n > TIME_MAX_MS / worth[found - unit])
		return -1;
	*ms = n * worth[found - unit];
	return 0;
}

int
time_read(const char *text, int64_t now, int64_t *ms)
{
	const char *rest = text;
	int64_t value;

	if (time_read_span(text, &value) == 0)
		value = now - value;
	else if (read_digits(&rest, &value) != 0 || *rest != '\0')
		return timestamp_parse(text, strlen(text), ms);
	if (value < -TIME_MAX_MS || value > TIME_MAX_MS)
		return -1;
	*ms = value;
	return 0;
}

void
time_add(struct buf *out, int64_t ms)
{
	char text[TIMESTAMP_SIZE];

	timestamp_format(ms, text);
	buf_puts(out, text);
}
