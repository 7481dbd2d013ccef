/* SPDX-License-Identifier: MIT */
#ifndef WOS_TERMS_H
#define WOS_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event_id.h"
#include "names.h"

/*
 * What a stream stands for, as wos-fetch says it: by --explain before it
 * begins, and by --report while it runs.  fetch/report.h has the lines.
 */

/* A longer id of an organization is none; those of WorkOS have 30 bytes. */
#define ORGANIZATION_MAX 512

/* More types than that are taken for rubbish; the API has some 130. */
#define TERMS_TYPES_MOST 2000

/* A line is a word and what belongs to it, in bytes. */
#define TERMS_LINE_MAX 1024

enum begins {
	BEGINS_UNKNOWN, /* nobody has said anything */
	BEGINS_OLDEST,
	BEGINS_AT,    /* a time that the caller named */
	BEGINS_RANGE, /* one that the environment has for a first run */
	BEGINS_AFTER, /* an event */
	BEGINS_FILES,
};

struct terms {
	enum begins begins;
	int64_t since;                /* of AT and RANGE */
	char after[EVENT_ID_MAX + 1]; /* of AFTER */
	int64_t margin;               /* in ms, or -1 */
	bool follow;
	bool part; /* it ends at a time, or after so many */
	bool key_of_file;
	char organization[ORGANIZATION_MAX + 1]; /* "": all */
	struct names types;                      /* that are asked for */
	struct names refused;                    /* of these, by the API */
	bool tail;                               /* has the end been seen? */
	int64_t tail_at;                         /* then when */
	uint64_t tail_lines;                     /* and after how many lines */
	bool ended; /* is all there that was asked for? */
	uint64_t end_lines;
};

/*
 * Takes in one line, without its newline.  Returns 0, or -1 if it can't be one
 * of wos-fetch's.
 */
int terms_take(struct terms *t, const char *line, size_t len);

void terms_free(struct terms *t);

#endif
