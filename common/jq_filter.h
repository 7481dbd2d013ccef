/* SPDX-License-Identifier: MIT */
#ifndef WOS_JQ_FILTER_H
#define WOS_JQ_FILTER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A jq program, compiled once and run over one JSON text after the other.
 *
 * It sees the text and nothing else: no environment, no file, no module, and
 * it writes nowhere.  A text is read as RFC 8259 has it, no deeper than
 * JSONTEXT_MAX_DEPTH; escapes that no text can hold become U+FFFD.  libjq
 * turns numbers into doubles, so digits beyond the 17th are lost.
 */

/*
 * How long a program may take for one text, in seconds of processor time, and
 * how many bytes it may make of it.  What an event needs is a millisecond and
 * less than a page of the API has.  The memory it takes on the way is bounded
 * by these two only.
 */
#define JQ_SECONDS 10
#define JQ_BYTES_MAX (16 << 20)

/*
 * Compiles the program of --jq, for jq_filter_free.  What is no program ends
 * this one with STATUS_USAGE and the reason.
 */
struct jq_filter *jq_filter_new(const char *program);
void jq_filter_free(struct jq_filter *f);

/*
 * Hands each value that the program makes of the text to `take`, as compact
 * JSON without a newline, which is valid during the call.  Returns 0, or -1
 * with the reason in jq_filter_why: the text is no JSON, or the program failed
 * at it; the values before that were handed over.  The next text can be run in
 * either case.
 */
int jq_filter_each(struct jq_filter *f, const char *text, size_t len,
    void (*take)(void *arg, const char *value, size_t len), void *arg);

/* While a value is handed over: is it what the text says, all in all? */
bool jq_filter_same(const struct jq_filter *f);

/* Valid until the next text is run. */
const char *jq_filter_why(struct jq_filter *f);

#endif
