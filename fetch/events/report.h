/* SPDX-License-Identifier: MIT */
#ifndef WOS_REPORT_H
#define WOS_REPORT_H

#include <stdint.h>

#include "buf.h"

/*
 * What the stream stands for, told beside it to whoever has to know: a
 * descriptor that --report names gets a line for each fact, a word and what
 * belongs to it.  First come the terms, which --explain prints as well:
 *
 *	begins oldest | begins at MS | begins range MS | begins after ID
 *	begins files
 *	until MS, max N, margin MS, follow MS, organization ID
 *	key file | key environment
 *	type user.created		(for each that is asked for)
 *
 * and then, as they happen:
 *
 *	refused TYPE	the API does not take this type: it is left out
 *	tail MS N	at that time nothing came after the N lines written so
 *			far
 *	end N		all that was asked for is written, in N lines
 *
 * A line is written before the events that it is about.  Where there is no such
 * descriptor, all of this does nothing.
 */

/* From now on, to this descriptor.  Ends the program if it can't be written. */
void report_begin(int fd, const struct buf *terms);

void report_refused(const char *type);

/*
 * The newest tail is the one that counts, so this never waits: where nobody
 * reads, it is left out.
 */
void report_tail(int64_t ms, uint64_t lines);

void report_end(uint64_t lines);

#endif
