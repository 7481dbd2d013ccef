/* SPDX-License-Identifier: MIT */
#ifndef WOS_OTLP_SAMPLER_H
#define WOS_OTLP_SAMPLER_H

#include <stdbool.h>

#include "trace/traceparent.h"

/*
 * Is the run to be traced, as OTEL_TRACES_SAMPLER and its _ARG have it?  The
 * place is the caller's, or without a span's id the beginning of a trace.  What
 * is not understood is reported on stderr, and the default taken:
 * parentbased_always_on.
 */
bool sampler_wants(const struct traceparent *place);

#endif
