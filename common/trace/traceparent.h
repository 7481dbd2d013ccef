/* SPDX-License-Identifier: MIT */
#ifndef WOS_TRACEPARENT_H
#define WOS_TRACEPARENT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A place in a trace, as programs tell each other of it in TRACEPARENT: W3C
 * Trace Context, 00-TRACE_ID-SPAN_ID-FLAGS, all in hex.
 */

#define TRACE_ID_DIGITS 32
#define SPAN_ID_DIGITS 16
#define TRACEPARENT_SIZE 56 /* with the NUL */

struct traceparent {
	char trace_id[TRACE_ID_DIGITS + 1];
	char span_id[SPAN_ID_DIGITS + 1]; /* "": the trace begins here */
	bool sampled;                     /* are its spans wanted? */
};

/*
 * Reads the text, which may be NULL.  Returns 0, or -1 with nothing in *place
 * if that is not how a place is written.
 */
int traceparent_read(struct traceparent *place, const char *text);

void traceparent_write(
    const struct traceparent *place, char out[TRACEPARENT_SIZE]);

/* Writes a new id of so many digits, at random, and a NUL. */
void traceparent_new_id(char *out, size_t digits);

#endif
