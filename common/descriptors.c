/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "descriptors.h"
#include "log.h"
#include "status.h"

void
descriptors_keep(void)
{
	/* The wrong way round, so that nobody takes it for the real one. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
			(fd == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != fd)
			exit(EXIT_FAILURE);
}

void
descriptors_check(const char *place, int fd)
{
	if (fcntl(fd, F_GETFD) == -1)
		log_errx(STATUS_USAGE, "%s: %d: no such descriptor", place, fd);
}

void
descriptors_await(const char *what)
{
	if (isatty(STDIN_FILENO))
		log_info("standard input is this terminal: waiting for %s; "
			 "Ctrl-D ends them, Ctrl-C the program",
		    what);
}

int
descriptors_flush(void)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		log_err(STATUS_FAILED, "write error");
	return STATUS_DONE;
}
