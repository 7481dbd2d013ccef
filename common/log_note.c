/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_note.h"
#include "pipe.h"
#include "visible.h"

/* Bytes of an error, and of all: a run that stays may have many. */
#define NOTE_MAX 1024
#define NOTES_MAX 65536

static int notes = -1;
static int64_t exit_status, http_status;

/* A file, which nobody else appends to. */
static int
is_file(int fd, struct stat *st)
{
	int flags = fcntl(fd, F_GETFL);

	return flags != -1 && (flags & O_APPEND) != 0 &&
	       (flags & O_ACCMODE) != O_RDONLY && fstat(fd, st) == 0 &&
	       S_ISREG(st->st_mode);
}

void
log_note_init(void)
{
	const char *text = getenv("WOS_ERRORS_FD");
	struct stat st;
	char *end;
	long fd;

	if (text == NULL || *text < '0' || *text > '9')
		return;
	fd = strtol(text, &end, 10);
	if (*end == '\0' && fd > 2 && fd <= INT_MAX && is_file((int)fd, &st))
		notes = (int)fd;
}

void
log_note_begin(int fd)
{
	if (fd == notes)
		(void)!ftruncate(fd, 0);
}

void
log_note_field(const char *name, int64_t value)
{
	if (strcmp(name, "exit_status") == 0)
		exit_status = value;
	else if (strcmp(name, "signal") == 0)
		exit_status = 128 + value;
	else if (strcmp(name, "http_status") == 0)
		http_status = value;
}

void
log_note_forget(void)
{
	exit_status = http_status = 0;
}

void
log_note(const char *program, const char *text, size_t len)
{
	char line[NOTE_MAX + 128];
	struct stat st;
	int n;

	if (notes != -1 && is_file(notes, &st) && st.st_size < NOTES_MAX) {
		n = snprintf(line, 128, "%.40s\t%" PRId64 "\t%" PRId64 "\t",
		    program, exit_status, http_status);
		visible(line + n, NOTE_MAX, text, len);
		n += (int)strlen(line + n);
		line[n++] = '\n';
		(void)pipe_write(notes, line, (size_t)n);
	}
	log_note_forget();
}
