/* SPDX-License-Identifier: MIT */
#ifndef WOS_SAVED_H
#define WOS_SAVED_H

#include <stdint.h>

#include "filter.h"
#include "names.h"

/*
 * Writes the events in saved files to standard output as lines: what
 * values.h takes, of which `types` is what to keep, or NULL; the filter, too,
 * may be.  Ends the program if it can't.
 */
void saved_write(char *const *file, int nfiles, const struct names *types,
    uint64_t max, struct filter *filter);

#endif
