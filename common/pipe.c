#include <fcntl.h>

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
