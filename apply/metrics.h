/* SPDX-License-Identifier: MIT */
#ifndef WOS_METRICS_H
#define WOS_METRICS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What wos-sync --metrics leaves: what became of a run, and how the database
 * is, in the text format of Prometheus, for the textfile collector of
 * node_exporter.
 */

struct metrics_options {
	const char *file;
	const char *where;  /* the database */
	const char *label;  /* what to call it */
	const char *cursor; /* its name */
	int64_t began;      /* when the run did */
	bool at_work;       /* has it not ended? */
	int exit_status;    /* else what with */
	bool follow;        /* it stays, or has stayed */
};

/*
 * Writes the file; a reader sees the old one or the new one, never half of it.
 * What the programs have done is in WOS_COUNTS_FILE.  What is not known, of a
 * database that can't be opened too, is left out; a file that can't be written
 * is a message, and no more.
 *
 * A run at work has it written after a while, of WOS_TAIL_EVERY; if standard
 * input, a pipe that nobody writes to, has come to its end by then, nothing is.
 * Returns STATUS_DONE, or STATUS_FAILED in that case.
 */
int metrics_write(const struct metrics_options *o);

#endif
