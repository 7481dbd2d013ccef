/* SPDX-License-Identifier: MIT */
#ifndef WOS_METRICS_H
#define WOS_METRICS_H

#include "options.h"

/*
 * Writes the file that the argument names, as wos-sync --metrics leaves it:
 * what became of a run, and how the database is, in the text format of
 * Prometheus, for the textfile collector of node_exporter.  A reader sees the
 * old file or the new one, never half of it.
 *
 * What the programs have done is in WOS_COUNTS_FILE; the errors of a run that
 * has failed are in standard input, as for run_end.  What is not known, of a
 * database that can't be opened too, is left out; a file that can't be written
 * is a message, and no more.
 *
 * A run at work has the file written after a while; if standard input, a pipe
 * that nobody writes to, has come to its end by then, it is not.  Returns
 * STATUS_DONE, or STATUS_FAILED in that case.
 */
int metrics_write(struct db *db, const struct options *o);

#endif
