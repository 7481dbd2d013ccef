/* SPDX-License-Identifier: MIT */
#ifndef WOS_LANDLOCK_H
#define WOS_LANDLOCK_H

#include <stdbool.h>

#include "confine/may.h"

/*
 * Landlock of Linux (landlock(7)): which files a process may open, and whether
 * it may listen.  It has come in steps, which its ABI numbers; each is used as
 * far as the kernel has it.
 */
struct landlock {
	int abi;   /* 0: there is none */
	int rules; /* a descriptor, or -1 */
};

/* Begins with the rules, by which no file may be opened. */
void landlock_begin(struct landlock *l, unsigned may);

/* Adds one, if there are any; what is not there is left out. */
void landlock_path(
    const struct landlock *l, enum confine_how how, const char *path);

/*
 * Has the process keep to them, and closes them.  Returns false if it is not
 * confined.
 */
bool landlock_end(struct landlock *l);

#endif
