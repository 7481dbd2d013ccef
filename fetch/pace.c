/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "pace.h"

/* Twice a second is often enough for eyes. */
#define PACE_MS 500

int64_t
pace_due(struct pace *p)
{
	int64_t now = time_ticks();

	if (p->started == 0)
		p->started = p->told = now;
	if (!p->shown || now - p->told < PACE_MS)
		return 0;
	p->told = now;
	return now - p->started;
}
