/* SPDX-License-Identifier: MIT */
#ifndef WOS_ATTRIBUTE_H
#define WOS_ATTRIBUTE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/*
 * Attributes of OpenTelemetry as OTLP/JSON has them, one after the other with
 * commas between: the inside of an "attributes" array.
 */

/* More bytes of a text are no attribute but a document; the rest is cut. */
#define ATTRIBUTE_MAX 1024

/*
 * Adds a text as a string of JSON, whatever is in it: what is no UTF-8, and
 * U+0000, become U+FFFD, and no more than ATTRIBUTE_MAX bytes are taken.
 */
void attribute_string(struct buf *out, const char *text, size_t len);

/* Adds one attribute to the list.  Its name is unique there. */
void attribute_text(struct buf *list, const char *name, const char *value);
void attribute_int(struct buf *list, const char *name, int64_t value);

#endif
