/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: TRACEPARENT.  A place that is read is written as the text says
 * it, in version 00, and read again as the same.
 */
#include <string.h>

#include "fuzz.h"
#include "trace/traceparent.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct traceparent place, again;
	char text[512], written[TRACEPARENT_SIZE];

	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (traceparent_read(&place, text) == -1) {
		MUST(*place.trace_id == '\0' && *place.span_id == '\0');
		return 0;
	}
	traceparent_write(&place, written);
	MUST(strlen(written) == TRACEPARENT_SIZE - 1);
	MUST(memcmp(written + 3, text + 3, TRACEPARENT_SIZE - 6) == 0);
	MUST(traceparent_read(&again, written) == 0);
	MUST(memcmp(&again, &place, sizeof place) == 0);
	return 0;
}
