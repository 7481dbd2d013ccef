/* SPDX-License-Identifier: MIT */

#include "buf.h"
#include "clock.h"
#include "progress.h"
#include "log.h"

/* 1234567 as 1,234,567. */
static void
add_number(struct buf *out, uint64_t n)
{
	if (n >= 1000) {
		add_number(out, n / 1000);
		buf_printf(out, ",%03u", (unsigned)(n % 1000));
	} else {
		buf_printf(out, "%u", (unsigned)n);
	}
}

static void
add_duration(struct buf *out, double seconds)
{
	if (seconds < 90)
		buf_printf(out, "%.0f s", seconds);
	else if (seconds < 90 * 60)
		buf_printf(out, "%.0f min", seconds / 60);
	else
		buf_printf(out, "%.1f h", seconds / 3600);
}

/* How much of the range is done, from 0 to 1, or -1 if that is unknown. */
static double
progress_share(const struct progress *p)
{
	int64_t end = p->end == TIME_NONE ? time_now() : p->end;
	double share;

	if (p->begin == TIME_NONE || p->at == TIME_NONE || end <= p->begin)
		return -1;
	share = (double)(p->at - p->begin) / (double)(end - p->begin);
	return share < 0 ? 0 : share > 1 ? 1 : share;
}

void
progress_show(struct progress *p)
{
	int64_t ms = pace_due(&p->pace);
	double seconds, share;
	struct buf line = {0};

	if (ms == 0)
		return;
	seconds = (double)ms / 1000;
	share = progress_share(p);
	add_number(&line, p->events);
	buf_puts(&line, " events, ");
	add_number(&line, p->pages);
	buf_puts(&line, " pages, ");
	add_number(&line, (uint64_t)((double)p->events / seconds));
	buf_puts(&line, " events/s");
	if (share >= 0)
		buf_printf(&line, ", %.0f%%", share * 100);
	if (share > 0.01 && share < 1) {
		buf_puts(&line, ", ");
		add_duration(&line, seconds / share - seconds);
		buf_puts(&line, " left");
	}
	log_status(buf_str(&line));
	buf_free(&line);
}
