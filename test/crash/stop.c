/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program, this stops it, or the disk under it, at one of its
 * writes to a regular file.
 *
 *	STOP_AT=n	the n-th write, sync or truncation, counted from 1
 *	STOP_HOW=exit	it is the last thing that does not happen: exit 100
 *	STOP_HOW=torn	half of it happens first
 *	STOP_HOW=full	it and all later ones fail: no space left
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long calls;

/* Returns 0 to go on, 1 to fail for want of space, 2 to do half and exit. */
static int
step(int fd)
{
	const char *at = getenv("STOP_AT"), *how = getenv("STOP_HOW");
	struct stat st;

	if (at == NULL || how == NULL || fstat(fd, &st) == -1 ||
	    !S_ISREG(st.st_mode))
		return 0;
	calls++;
	if (calls < strtol(at, NULL, 10))
		return 0;
	if (strcmp(how, "full") == 0)
		return 1;
	if (strcmp(how, "torn") == 0)
		return 2;
	_exit(100);
}

static int
no_space(void)
{
	errno = ENOSPC;
	return -1;
}

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

static ssize_t
do_pwrite(const char *name, int fd, const void *p, size_t len, off64_t at)
{
	ssize_t (*real)(int, const void *, size_t, off64_t) =
	    REAL(ssize_t(*)(int, const void *, size_t, off64_t), name);

	switch (step(fd)) {
	case 1:
		return no_space();
	case 2:
		real(fd, p, len / 2, at);
		_exit(100);
	}
	return real(fd, p, len, at);
}

ssize_t
pwrite64(int fd, const void *p, size_t len, off64_t at)
{
	return do_pwrite("pwrite64", fd, p, len, at);
}

ssize_t
pwrite(int fd, const void *p, size_t len, off_t at)
{
	return do_pwrite("pwrite", fd, p, len, at);
}

ssize_t
write(int fd, const void *p, size_t len)
{
	ssize_t (*real)(int, const void *, size_t) =
	    REAL(ssize_t(*)(int, const void *, size_t), "write");

	switch (step(fd)) {
	case 1:
		return no_space();
	case 2:
		real(fd, p, len / 2);
		_exit(100);
	}
	return real(fd, p, len);
}

static int
do_sync(const char *name, int fd)
{
	int what = step(fd);

	if (what == 1)
		return no_space();
	if (what == 2)
		_exit(100);
	return REAL(int (*)(int), name)(fd);
}

int
fsync(int fd)
{
	return do_sync("fsync", fd);
}

int
fdatasync(int fd)
{
	return do_sync("fdatasync", fd);
}

static int
do_truncate(const char *name, int fd, off64_t len)
{
	int what = step(fd);

	if (what == 1)
		return no_space();
	if (what == 2)
		_exit(100);
	return REAL(int (*)(int, off64_t), name)(fd, len);
}

int
ftruncate64(int fd, off64_t len)
{
	return do_truncate("ftruncate64", fd, len);
}

int
ftruncate(int fd, off_t len)
{
	return do_truncate("ftruncate", fd, len);
}
