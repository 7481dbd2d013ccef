/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "path.h"

/* As many as Linux follows in one path. */
#define LINKS_MOST 40

/* Where the name in the path begins, behind the last slash. */
static size_t
name_at(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash + 1 - path) : 0;
}

/* Puts what a link leads to in its place.  Returns false if it is none. */
static bool
follow(struct buf *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(buf_str(path), target, sizeof target);

	if (n <= 0 || n == sizeof target)
		return false;
	path->len = *target == '/' ? 0 : name_at(buf_str(path));
	buf_add(path, target, (size_t)n);
	return true;
}

/* The same of a file that is not there. */
static int
add_new(struct buf *out, const char *path)
{
	struct buf folder = {0};
	char *real;

	buf_add(&folder, path, name_at(path));
	real = realpath(folder.len > 0 ? buf_str(&folder) : ".", NULL);
	buf_free(&folder);
	if (real == NULL)
		return -1;
	buf_printf(out, "%s/%s", strcmp(real, "/") != 0 ? real : "",
	    path + name_at(path));
	free(real);
	return 0;
}

int
path_add_real(struct buf *out, const char *path)
{
	char *real = realpath(path, NULL);
	struct buf at = {0};
	int rc;

	if (real != NULL) {
		buf_puts(out, real);
		free(real);
		return 0;
	}
	if (errno != ENOENT)
		return -1;
	buf_puts(&at, path);
	for (int n = 0; n < LINKS_MOST && follow(&at); n++)
		;
	rc = add_new(out, buf_str(&at));
	buf_free(&at);
	return rc;
}
