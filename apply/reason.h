/* SPDX-License-Identifier: MIT */
#ifndef WOS_REASON_H
#define WOS_REASON_H

#include <stdbool.h>

/*
 * Why a run of wos-sync failed, in a word: few enough for a label of a metric.
 */

/* Bytes of a word, with its NUL; the longest is "forgotten". */
#define REASON_WORD_SIZE 16

bool reason_is_word(const char *text);

/* What to do about it, in one sentence without a full stop; NULL: no word. */
const char *reason_next(const char *text);

#endif
