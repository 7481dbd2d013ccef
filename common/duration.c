/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"

/* What is longer is no span that is meant. */
#define LONGEST_MS (INT64_C(10000) * 366 * DAY_MS)

int
duration_read(const char *text, int64_t *ms)
{
	static const char unit[] = "smhd";
	static const int64_t worth[] = {
	    SECOND_MS, 60 * SECOND_MS, 3600 * SECOND_MS, DAY_MS};
	const char *found;
	long long n;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || *end == '\0' || end[1] != '\0' ||
	    (found = strchr(unit, *end)) == NULL ||
	    n > LONGEST_MS / worth[found - unit])
		return -1;
	*ms = n * worth[found - unit];
	return 0;
}
