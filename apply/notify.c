/* SPDX-License-Identifier: MIT */
#include <sys/socket.h>
#include <sys/un.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "notify.h"
#include "timestamp.h"

/* People read it: more often would only be work for the manager, in ms. */
#define NOTIFY_EVERY_MS 1000

static struct {
	int fd;
	bool told; /* anything, at this time_ticks() */
	int64_t told_at;
	size_t events, parked;
	char tail[TIMESTAMP_SIZE]; /* empty: not seen yet */
} notify = {.fd = -1};

/* Returns the address's length, or 0 if this can't be one. */
static socklen_t
address(const char *name, struct sockaddr_un *to)
{
	size_t len = strlen(name);

	if ((*name != '/' && *name != '@') || len >= sizeof to->sun_path)
		return 0;
	*to = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(to->sun_path, name, len);
	if (*name == '@') /* it is in no file system */
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void
notify_init(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	socklen_t len;

	if (name == NULL || (len = address(name, &to)) == 0)
		return;
	notify.fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (notify.fd == -1)
		return;
	if (fcntl(notify.fd, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(notify.fd, F_SETFL, O_NONBLOCK) == -1 ||
	    connect(notify.fd, (struct sockaddr *)&to, len) == -1) {
		close(notify.fd);
		notify.fd = -1;
	}
}

/* A message that does not arrive is not missed: another one follows. */
static void
tell(void)
{
	char text[160];
	int len;

	if (notify.fd == -1 ||
	    (notify.told && time_ticks() - notify.told_at < NOTIFY_EVERY_MS))
		return;
	len = snprintf(text, sizeof text,
	    "READY=1\nSTATUS=%zu events applied, %zu parked; %s%s\n",
	    notify.events, notify.parked,
	    *notify.tail != '\0' ? "end seen " : "catching up", notify.tail);
	notify.told = send(notify.fd, text, (size_t)len, 0) != -1;
	notify.told_at = time_ticks();
}

void
notify_applied(size_t events, size_t parked)
{
	if (events == notify.events && events == 0)
		return;
	notify.events = events;
	notify.parked = parked;
	tell();
}

void
notify_tail(int64_t ms)
{
	timestamp_format(ms, notify.tail);
	tell();
}
