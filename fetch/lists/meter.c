/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "buf.h"
#include "log.h"
#include "meter.h"

void
meter_show(struct meter *m)
{
	int64_t ms = pace_due(&m->pace);
	struct buf line = {0};

	if (ms == 0)
		return;
	buf_printf(&line,
	    "%" PRIu64 " objects, %zu of %zu lists, %.0f requests/s",
	    m->objects, m->done, m->known,
	    (double)m->requests * 1000 / (double)ms);
	log_status(buf_str(&line));
	buf_free(&line);
}
