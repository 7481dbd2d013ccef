/* SPDX-License-Identifier: MIT */
#ifndef WOS_LANDLOCK_H
#define WOS_LANDLOCK_H

#include "confine/confine.h"

/*
 * Landlock of Linux (landlock(7)): which files a process may open, and whether
 * it may listen.  It has come in steps, which its ABI numbers; each is used as
 * far as the kernel has it.
 */

/* Sets c->abi, and c->files if that is not 0. */
void landlock_begin(struct confine *c);

void landlock_path(struct confine *c, enum confine_how how, const char *path);

/* Closes c->files.  Returns false if the process is not confined by it. */
bool landlock_end(struct confine *c);

#endif
