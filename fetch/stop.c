/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "status.h"
#include "stop.h"
#include "trace/trace.h"

static volatile sig_atomic_t wanted;
static int wake[2];

static void
take_signal(int number)
{
	int saved = errno;

	wanted = number;
	/* It only has to become readable; a full pipe already is. */
	if (write(wake[1], "", 1) == -1)
		errno = saved;
	errno = saved;
}

int
stop_init(void)
{
	struct sigaction sa = {
	    .sa_handler = take_signal, .sa_flags = SA_RESETHAND};

	if (pipe(wake) == -1)
		log_errx(STATUS_FAILED, "pipe: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		fcntl(wake[i], F_SETFD, FD_CLOEXEC);
		fcntl(wake[i], F_SETFL, O_NONBLOCK);
	}
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	return wake[0];
}

bool
stop_wanted(void)
{
	return wanted != 0;
}

/* SA_RESETHAND has given the signal its usual effect back. */
void
stop_now(void)
{
	trace_signalled(wanted);
	raise(wanted);
}
