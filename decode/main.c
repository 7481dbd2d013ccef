/* SPDX-License-Identifier: MIT */
/*
 * wos-decode: read events as JSON lines, write a group of SQL for each.
 * Touches neither network nor database: it handles bytes a stranger chose.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "descriptors.h"
#include "events.h"
#include "heap.h"
#include "log.h"
#include "options.h"
#include "status.h"
#include "stream.h"
#include "trace/trace.h"

/* More than a piece of output takes: what only a huge event needs. */
#define HUGE_BYTES (1024 * 1024)

static struct stream stream;

/* At the end, whichever: how many were parked without a word. */
static void
complain_of_rest(void)
{
	if (stream.parked <= LOG_PARKED_MOST)
		return;
	log_field_int("parked", stream.parked);
	log_warnx("%" PRId64 " more lines were parked",
	    stream.parked - LOG_PARKED_MOST);
}

int
main(int argc, char **argv)
{
	struct options o = {0};
	struct filter *filter = NULL;
	int status;

	log_init();
	descriptors_keep();
	heap_give_back(HUGE_BYTES);
	options_read(&o, argc, argv);
	if (o.events)
		return events_print();
	if (o.jq != NULL)
		filter = filter_new(o.jq);
	stream.strict = o.strict;
	stream.decoder = decoder_new(filter);
	stream_trace(&stream);
	atexit(complain_of_rest);
	if (*o.files == NULL)
		stream_file(&stream, "-");
	for (; *o.files != NULL; o.files++)
		stream_file(&stream, *o.files);
	decoder_free(stream.decoder);
	filter_free(filter);
	status = stream.parked > 0 ? STATUS_PARKED : STATUS_DONE;
	trace_exiting(status);
	return status;
}
