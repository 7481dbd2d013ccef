/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "pipe.h"

/* In bytes: what Linux grants anybody (pipe-max-size of proc(5)). */
#define PIPE_BYTES (1024 * 1024)

void
pipe_enlarge(int fd)
{
#ifdef F_SETPIPE_SZ
	(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
#else
	(void)fd;
#endif
}

int
pipe_write(int fd, const char *bytes, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(fd, bytes + done, len - done);
		if (n == -1 && errno != EINTR)
			return errno;
		done += n == -1 ? 0 : (size_t)n;
	}
	return 0;
}
