#ifndef WOS_CLOCK_H
#define WOS_CLOCK_H

#include <stdint.h>
#include <time.h>

int64_t clock_ns(clockid_t clock);

/* Milliseconds since 1970, and on a clock that nobody sets. */
int64_t time_now(void);
int64_t time_ticks(void);

#endif
