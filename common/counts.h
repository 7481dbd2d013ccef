/* SPDX-License-Identifier: MIT */
#ifndef WOS_COUNTS_H
#define WOS_COUNTS_H

#include <stdint.h>

/*
 * What the programs of a pipe have done, in numbers, for whoever started the
 * pipe: a file that WOS_COUNTS_FILE names has a line for each, a name and a
 * number.  Each line has its place, so that the file does not grow however
 * long the programs stay, and is written at once.  What an earlier pipe has
 * left there is added to.  Without such a file, or where it can't be written,
 * all of this does nothing.
 */
enum count {
	COUNT_EVENTS_FETCHED,
	COUNT_EVENTS_APPLIED,
	COUNT_EVENTS_PARKED,
	COUNT_ROWS_CHANGED,
	COUNTS
};

/* Looks for the file. */
void counts_init(void);

/* It is so many now, in this pipe. */
void counts_set(enum count which, int64_t value);

/*
 * Reads what the programs have written, 0 for what none has.  Returns 0, or -1
 * if there is no such file.
 */
int counts_read(int64_t value[COUNTS]);

#endif
