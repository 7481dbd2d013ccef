/* SPDX-License-Identifier: MIT */
#ifndef WOS_PATH_H
#define WOS_PATH_H

#include "buf.h"

/*
 * Adds the file's path from the root, without links, as readlink -f prints it:
 * the folder has to be there, the file itself need not.  Returns 0, or -1 with
 * errno and nothing added.
 */
int path_add_real(struct buf *out, const char *path);

#endif
