/* SPDX-License-Identifier: MIT */
#ifndef WOS_EVENT_H
#define WOS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "catalogue.h"
#include "envelope.h"
#include "jsontext.h"

/* A reason: names the object and the member, and may quote the line. */
#define EVENT_WHY_SIZE 256

/*
 * The longest key, in bytes: of an event, an object, a parent.  WorkOS' ids
 * have some 40; PostgreSQL's indexes take no entry above 2700.
 */
#define EVENT_MAX_KEY 512

/* What one huge event has taken is not kept for the next. */
#define EVENT_KEPT_BYTES ((size_t)256 * 1024)

/* What is read of an event: its envelope, and then its data. */
enum { EVENT_DATA = ENVELOPE_MEMBERS, EVENT_MEMBERS };

/*
 * The event at hand, and where its strings are taken apart.  Zero-initialise
 * it, read one line's event after the other, release it in the end.
 */
struct event {
	struct jsonspan member[EVENT_MEMBERS];
	char id[EVENT_MAX_KEY + 1];    /* "" if it has none */
	struct buf name;               /* of its type, for buf_str */
	const struct event_type *type; /* NULL: unknown, for the ledger only */
	int64_t at;                    /* created_at */
	struct jsonspan data;          /* its text */
	bool bare;                     /* no more than its envelope is left */
	const struct table *listed;    /* not NULL: an item of a list of this */
	struct jsonspan parent;        /* the id that it was listed by */
	struct buf unescaped;          /* the string at hand */
	char why[EVENT_WHY_SIZE];      /* why it was refused */
};

/*
 * Checks a line in one walk, which finds e->member on its way.  Returns its
 * value, perhaps mended in *mended; or a span whose p is NULL, with e->why, if
 * the line is no JSON.
 */
struct jsonspan event_check(
    struct event *e, struct jsonspan line, struct buf *mended);

/* Finds e->member in an object that has been checked. */
void event_find(struct event *e, struct jsonspan text);

/*
 * Reads an event from the members that have been found in the text.  Returns 0,
 * or -1 with e->why if it is none; e->id is there if that could be read.
 */
int event_read(struct event *e, struct jsonspan text);

/* Sets e->why, made visible.  Returns -1. */
int event_refuse(struct event *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * What a string means: the bytes between its quotes, or, where it has escapes,
 * what libjq makes of them.  Valid until the next call.
 */
struct jsonspan event_string(struct event *e, struct jsonspan text);

/*
 * Reads an integer of 64 bits, digit for digit; libjq would have rounded it.
 * Returns 0, or -1 if the value is none, or there is no value.
 */
int event_integer(struct jsonspan text, int64_t *value);

/* Reads e->at.  Returns 0, or -1 if the value is no time. */
int event_time(struct event *e, struct jsonspan text);

/* Keeps what a string means in e->name.  Returns that. */
const char *event_name(struct event *e, struct jsonspan text);

/* Does the value name something: a string of 1 to EVENT_MAX_KEY bytes? */
bool event_is_key(struct event *e, struct jsonspan text);

/* Forgets the event; the reason stays. */
void event_forget(struct event *e);
void event_release(struct event *e);

#endif
