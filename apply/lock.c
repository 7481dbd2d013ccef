/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "descriptors.h"
#include "lock.h"
#include "log.h"
#include "log_note.h"
#include "name.h"
#include "status.h"

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

/*
 * Opens the file as who locks it does, who need not be able to write to it: NFS
 * alone wants that.  Returns -1 if it can't be opened, or is no file.
 */
static int
open_file(const char *path)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	struct stat st;
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0666), why = errno;

	if (fd == -1)
		fd = open(path, O_RDONLY | flags);
	if (fd == -1 && errno == ENOENT) /* why it can't be made tells more */
		errno = why;
	if (fd != -1 && (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EEXIST;
		return -1;
	}
	return fd;
}

int
lock_print(struct db *db, const struct options *o)
{
	const char *what = o->listing ? "list" : "sync";
	struct buf path = {0};
	struct stat st;
	int fd;

	(void)db;
	if (o->name->server)
		add_folder(&path);
	else
		buf_puts(&path, buf_str(&o->name->path));
	if (o->name->server)
		buf_printf(&path, "/%s.%s.lock", o->name->lock, what);
	else if (stat(o->database, &st) == 0 && S_ISDIR(st.st_mode))
		buf_printf(&path, "/.wos-%s.lock", what);
	else
		buf_printf(&path, ".%s.lock", what);
	fd = open_file(buf_str(&path));
	/* What another user has left gives way, if the folder is ours. */
	if (fd == -1 && errno == EACCES) {
		if (unlink(buf_str(&path)) == 0)
			fd = open_file(buf_str(&path));
		else
			errno = EACCES;
	}
	if (fd == -1)
		log_err(STATUS_FAILED, "%s: can't be opened", buf_str(&path));
	close(fd);
	puts(buf_str(&path));
	buf_free(&path);
	return descriptors_flush();
}

/* Returns false if another process holds the lock. */
static bool
take(const char *option, int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno != EWOULDBLOCK)
		log_err(STATUS_FAILED, "%s", option);
	return false;
}

int
lock_take(struct db *db, const struct options *o)
{
	int fd = (int)cli_read_number("--lock", o->argument, 3, DESCRIPTOR_MAX);

	(void)db;
	descriptors_check("--lock", fd);
	return take("--lock", fd) ? STATUS_DONE : STATUS_RETRY;
}

bool
lock_first(const struct options *o)
{
	if (o->locking == 0)
		return true;
	if (take("--locking", (int)o->locking)) {
		log_note_begin((int)o->locking);
		return true;
	}
	puts("locked");
	(void)descriptors_flush();
	return false;
}
