/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"
#include "lock.h"
#include "log.h"
#include "name.h"
#include "path.h"
#include "status.h"

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Is it a folder of this user's?  `flags` are those of fstatat(2). */
static bool
is_ours(const char *path, int flags)
{
	struct stat st;

	return fstatat(AT_FDCWD, path, &st, flags) == 0 &&
	       S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/* Where the locks of databases on servers are; made if it is not there. */
static void
add_folder(struct buf *path)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *base = "/tmp";

	if (runtime != NULL && is_ours(runtime, 0) &&
	    access(runtime, W_OK) == 0)
		base = runtime;
	else if (runtime != NULL && *runtime != '\0')
		log_warnx("XDG_RUNTIME_DIR: %s: no directory of this user: "
			  "the lock is in /tmp",
		    runtime);
	buf_printf(path, "%s/wos-%lu", base, (unsigned long)getuid());
	(void)mkdir(buf_str(path), 0700);
	/* /tmp is everyone's: a stranger's folder is not ours to use. */
	if (!is_ours(buf_str(path), AT_SYMLINK_NOFOLLOW))
		log_errx(STATUS_FAILED, "%s: not a directory of this user",
		    buf_str(path));
}

static void
add_path(struct buf *path, const struct options *o)
{
	if (o->name->server) {
		add_folder(path);
		buf_printf(path, "/%s.sync.lock", o->name->lock);
		return;
	}
	if (path_add_real(path, o->database) == -1)
		log_err(STATUS_FAILED, "%s", o->shown);
	buf_puts(
	    path, is_folder(buf_str(path)) ? "/.wos-sync.lock" : ".sync.lock");
}

/* To lock a file it is enough to be able to read it. */
static int
open_file(const char *path)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0666);

	return fd != -1 ? fd : open(path, O_RDONLY | flags);
}

/*
 * One that another user has left, and that can't even be read, gives way if the
 * folder is ours.
 */
static bool
make_file(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return false;
	fd = open_file(path);
	if (fd == -1 && unlink(path) == 0)
		fd = open_file(path);
	if (fd == -1)
		return false;
	close(fd);
	return true;
}

int
lock_print(struct db *db, const struct options *o)
{
	struct buf path = {0};

	(void)db;
	add_path(&path, o);
	if (!make_file(buf_str(&path)))
		log_errx(STATUS_FAILED, "%s: can't be opened", buf_str(&path));
	puts(buf_str(&path));
	buf_free(&path);
	return descriptors_flush();
}

int
lock_take(struct db *db, const struct options *o)
{
	int fd = options_descriptor("--lock", o->argument);

	(void)db;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return STATUS_DONE;
	if (errno != EWOULDBLOCK)
		log_err(STATUS_FAILED, "--lock");
	return STATUS_RETRY;
}
