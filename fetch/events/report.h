/* SPDX-License-Identifier: MIT */
#ifndef WOS_REPORT_H
#define WOS_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "names.h"
#include "terms.h"

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

/* Adds the terms; the key is one of a file, or of the environment. */
void report_add_terms(struct buf *out, const struct terms *t,
    const struct names *types, bool key_of_file);

/* From now on, to this descriptor.  Ends the program if it can't be written. */
void report_begin(int fd, const struct buf *terms);

void report_refused(const char *type);

/*
 * Only the newest tail counts, so this never waits: if nobody reads, it is
 * dropped.
 */
void report_tail(int64_t ms, uint64_t lines);

void report_end(uint64_t lines);

#endif
