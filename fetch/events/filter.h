/* SPDX-License-Identifier: MIT */
#ifndef WOS_FILTER_H
#define WOS_FILTER_H

#include "buf.h"

/* --jq: what a jq program makes of each line is written in its place. */

/*
 * Compiles the program; ends this one with STATUS_USAGE if it is none.  For
 * filter_free.
 */
struct filter *filter_new(const char *program);

/*
 * Puts in place of the lines what the program makes of each, a value a line.
 * Where it fails, a message names the event, and the next line is next.
 */
void filter_lines(struct filter *f, struct buf *lines);

/*
 * Frees it, which may be NULL.  Returns STATUS_FAILED if the program has failed
 * at a line, else STATUS_DONE.
 */
int filter_free(struct filter *f);

#endif
