/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "input.h"

/*
 * One read: the size of a large pipe, so that a full one is taken at once.  A
 * fuzzer's is small: what it cuts up is more, and memory is what takes time.
 */
#ifndef INPUT_CHUNK
#define INPUT_CHUNK (1024 * 1024)
#endif

enum input_result
input_fill(struct input *in, int ms, int beside)
{
	struct pollfd p[] = {
	    {.fd = in->fd, .events = POLLIN}, {.fd = beside, .events = POLLIN}};
	ssize_t n;
	int ready;

	if (in->eof)
		return INPUT_EOF;
	do
		ready = poll(p, 2, ms);
	while (ready == -1 && errno == EINTR);
	if (ready == 0)
		return INPUT_QUIET;
	if (ready == -1)
		return INPUT_ERROR;
	if (p[0].revents == 0)
		return INPUT_BESIDE;
	buf_reserve(&in->buf, INPUT_CHUNK);
	do
		n = read(in->fd, in->buf.p + in->buf.len, INPUT_CHUNK);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return INPUT_ERROR;
	in->buf.len += (size_t)n;
	in->eof = n == 0;
	return n == 0 ? INPUT_EOF : INPUT_MORE;
}

void
input_release(struct input *in)
{
	buf_free(&in->buf);
}
