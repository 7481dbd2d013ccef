/* SPDX-License-Identifier: MIT */
#ifndef WOS_SAVED_H
#define WOS_SAVED_H

#include <stdint.h>

#include "filter.h"
#include "names.h"

/*
 * The most bytes of one value in a saved file: a page of the largest size,
 * laid out with white space.
 */
#define SAVED_MAX (16 << 20)

/*
 * Writes the events in saved files to standard output as lines: pages of the
 * list as a client saved them, one after the other in any layout, or lines.
 * `types` is what to keep, or NULL; the filter, too, may be.  Ends the program
 * if it can't.
 */
void saved_write(char *const *file, int nfiles, const struct names *types,
    uint64_t max, struct filter *filter);

#endif
