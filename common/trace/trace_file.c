/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trace_file.h"

/*
 * wos-otlp holds the file's lock while it takes out what it has posted, which
 * is a matter of copying some bytes: so often, and so long, is it waited for.
 */
#define LOCK_TRIES 20
#define LOCK_PAUSE_NS 1000000

static bool
file_lock(int fd)
{
	const struct timespec pause = {0, LOCK_PAUSE_NS};

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_SH | LOCK_NB) == 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* A write beyond the process's own limit would be its death by SIGXFSZ. */
static int64_t
file_limit(int64_t most)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < (rlim_t)most)
		return (int64_t)limit.rlim_cur;
	return most;
}

/* Ends a line that somebody could not, for the disk was full. */
static bool
file_mend(int fd, int64_t size)
{
	char last = '\n';

	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		return false;
	return last == '\n' || write(fd, "\n", 1) == 1;
}

bool
trace_file_append(int fd, const struct buf *line, int64_t most)
{
	bool done = false;
	struct stat st;

	if (!file_lock(fd))
		return false;
	if (fstat(fd, &st) == 0 &&
	    st.st_size + (int64_t)line->len <= file_limit(most) &&
	    file_mend(fd, st.st_size))
		done = write(fd, line->p, line->len) == (ssize_t)line->len;
	flock(fd, LOCK_UN);
	return done;
}

int
trace_file_open(const char *name)
{
	const int how = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK;
	int fd = open(name, how, 0600);
	struct stat st;

	/* Anything else, such as a pipe, would have us wait. */
	if (fd != -1 && (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}
