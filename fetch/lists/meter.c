/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "meter.h"

/* Twice a second is often enough for eyes. */
#define METER_MS 500

void
meter_show(struct meter *m)
{
	int64_t now = time_ticks();
	struct buf line = {0};

	if (m->started == 0)
		m->started = m->told = now;
	if (!m->shown || now - m->told < METER_MS)
		return;
	m->told = now;
	buf_printf(&line,
	    "%" PRIu64 " objects, %zu of %zu lists, %.0f requests/s",
	    m->objects, m->done, m->known,
	    (double)m->requests * 1000 / (double)(now - m->started));
	log_status(buf_str(&line));
	buf_free(&line);
}
