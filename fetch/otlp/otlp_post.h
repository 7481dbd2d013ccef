/* SPDX-License-Identifier: MIT */
#ifndef WOS_OTLP_POST_H
#define WOS_OTLP_POST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "otlp_settings.h"
#include "otlp_spool.h"

/*
 * Posting what is in the spool, in a process of its own: whatever a collector,
 * a resolver or libcurl may do, it is over when that process is ended.
 */

/* The longest that it may take to post what there is, in milliseconds. */
#define POST_MS 1800

/* Then it is ended. */
#define POST_END_MS 2000

/* An answer says little; what comes after so many bytes is not waited for. */
#define POST_ANSWER_MAX ((size_t)64 * 1024)

/* What the two processes share. */
struct post_report {
	int64_t done; /* of the spool */
	bool later;   /* the collector can't be reached */
};

struct post {
	const struct settings *settings;
	struct spool *spool;
	struct post_report *report; /* in shared memory */
	pid_t pid;                  /* 0: nothing is being posted */
	int64_t until;              /* monotonic, in ms */
	bool last;                  /* there won't be another time */
};

/* Returns 0, or -1 with errno. */
int post_init(
    struct post *p, const struct settings *settings, struct spool *spool);
void post_release(struct post *p);

/*
 * Begins to post, to be ended at that time, on the monotonic clock in ms.  A
 * failure is reported on stderr, unless `quiet`; with `last`, all that is left
 * then is lost.
 */
void post_start(struct post *p, int64_t until, bool last, bool quiet);

/* Is it over?  Ends it where its time is over, and moves the spool on. */
bool post_is_over(struct post *p);

/* Ends it, where it is not over. */
void post_stop(struct post *p);

#endif
