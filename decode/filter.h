/* SPDX-License-Identifier: MIT */
#ifndef WOS_FILTER_H
#define WOS_FILTER_H

#include "event.h"

/*
 * The jq program of --jq: what it makes of an event takes the event's place.
 * Whose event it is, of what type and when stays: a cursor stands for it.  Of
 * an event that it drops just these three members are left, which decode to an
 * entry of the ledger and to nothing else, with a filter or without.
 */
struct filter;

/* Returns a filter for filter_free.  A program that is none ends this one. */
struct filter *filter_new(const char *program);
void filter_free(struct filter *f);

/*
 * Runs the filter over an event, as event_read has read it from the text, and
 * puts what it makes of it in e->data.  Returns that as a text, the one that it
 * was given if the filter leaves it alone; it is valid until the next call.  Or
 * a span whose p is NULL, with e->why.
 */
struct jsonspan filter_run(
    struct filter *f, struct event *e, struct jsonspan text);

#endif
