/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counts.h"

/* A line, with its newline: a name, blanks and as many digits as there are. */
#define LINE_SIZE 48
#define NAME_SIZE 24

/* Whoever has written more than that is not one of us. */
#define VALUE_MOST INT64_C(999999999999999)

static const char *const names[] = {
    [COUNT_EVENTS_FETCHED] = "events_fetched",
    [COUNT_EVENTS_APPLIED] = "events_applied",
    [COUNT_EVENTS_PARKED] = "events_parked",
    [COUNT_ROWS_CHANGED] = "rows_changed",
};

static int fd = -1;
static int64_t before[COUNTS]; /* what an earlier pipe has left */

static int64_t
read_count(int file, enum count which)
{
	char line[LINE_SIZE + 1] = "";
	size_t len = strlen(names[which]);
	int64_t value = 0;

	if (pread(file, line, LINE_SIZE, (off_t)which * LINE_SIZE) ==
		LINE_SIZE &&
	    memcmp(line, names[which], len) == 0)
		value = strtoll(line + NAME_SIZE, NULL, 10);
	return value < 0 || value > VALUE_MOST ? 0 : value;
}

static int
open_counts(int64_t value[COUNTS], int flags)
{
	const char *name = getenv("WOS_COUNTS_FILE");
	int file = -1;

	if (name != NULL && *name != '\0')
		file = open(name, flags | O_CLOEXEC);
	for (int i = 0; file != -1 && i < COUNTS; i++)
		value[i] = read_count(file, (enum count)i);
	return file;
}

void
counts_init(void)
{
	fd = open_counts(before, O_RDWR);
}

void
counts_set(enum count which, int64_t value)
{
	char line[LINE_SIZE + 1];

	if (fd == -1)
		return;
	snprintf(line, sizeof line, "%-*s%*" PRId64 "\n", NAME_SIZE,
	    names[which], LINE_SIZE - NAME_SIZE - 1, before[which] + value);
	if (pwrite(fd, line, LINE_SIZE, (off_t)which * LINE_SIZE) == -1) {
		close(fd);
		fd = -1;
	}
}

int
counts_read(int64_t value[COUNTS])
{
	int file = open_counts(value, O_RDONLY);

	if (file == -1)
		return -1;
	close(file);
	return 0;
}
