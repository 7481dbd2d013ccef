/* SPDX-License-Identifier: MIT */
#ifndef WOS_INPUT_H
#define WOS_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/*
 * The SQL stream as bytes.  Those of the batch at hand stay in the buffer, so
 * that it can be run again from its start.
 */
struct input {
	int fd;
	struct buf buf;
	bool eof;
};

enum input_result {
	INPUT_MORE,   /* there are new bytes */
	INPUT_EOF,    /* there will be no more */
	INPUT_QUIET,  /* there were none for that long */
	INPUT_BESIDE, /* the other descriptor is readable */
	INPUT_ERROR,  /* errno says why */
};

/*
 * Waits for more, for ever if `ms` is negative; and for what there is on
 * another descriptor, which is not read, unless that is -1.
 */
enum input_result input_fill(struct input *in, int ms, int beside);

void input_release(struct input *in);

#endif
