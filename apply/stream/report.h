/* SPDX-License-Identifier: MIT */
#ifndef WOS_REPORT_H
#define WOS_REPORT_H

#include "buf.h"
#include "terms.h"

/*
 * What wos-fetch reports of its stream beside it, while the stream comes: the
 * other end of what its --report names.  A line is there before the events that
 * it is about.
 */
struct report {
	int fd;         /* -1: there is no more to come */
	struct buf buf; /* a line that is not whole yet */
	size_t lines;   /* before it */
	struct terms terms;
	bool logged; /* people have heard that it asks for too little */
};

/* It will be read from this descriptor. */
void report_init(struct report *r, int fd);

/*
 * Takes in what is there, and waits for nothing.  Ends the program if it can't
 * be what wos-fetch writes.
 */
void report_read(struct report *r);

void report_release(struct report *r);

#endif
