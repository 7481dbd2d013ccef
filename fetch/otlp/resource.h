/* SPDX-License-Identifier: MIT */
#ifndef WOS_RESOURCE_H
#define WOS_RESOURCE_H

#include "buf.h"

/* More attributes than that describe nothing; the rest is left out. */
#define RESOURCE_MOST 64

/*
 * Adds the attributes of the resource that all spans are of, as OTLP/JSON: the
 * service's name, what OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say of
 * it, and what made the spans.  Each name is there once.
 *
 * Returns 0; or -1 if OTEL_RESOURCE_ATTRIBUTES is no list of pairs, and was
 * left out as a whole, as the specification has it.
 */
int resource_add(struct buf *out);

#endif
