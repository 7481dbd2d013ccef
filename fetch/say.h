/* SPDX-License-Identifier: MIT */
#ifndef WOS_SAY_H
#define WOS_SAY_H

#include <stddef.h>

#include "log.h"

/*
 * What people are told on stderr.  All that the program says passes here, so
 * that the API key can't be in it.
 */

/* Bytes of a stranger's text in one message: a long sentence, no page. */
#define SAY_QUOTE_SIZE 400

/*
 * The API key, which stays the caller's: from now on `[key]` is said in its
 * place, and in that of a longer part of it.  "" is none.
 */
void say_secret(const char *secret);

/* One line: the program's name, a colon, the text.  It is a warning. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same at another level. */
void say_as(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A field of the next message, as log_field has it; "" is none. */
void say_field(const char *name, const char *value);

/*
 * A line that stays until the next one takes its place, on a terminal; the
 * empty one takes it away.  Among lines of JSON there is no such line.
 */
void say_status(const char *text);

/* The same as say and the end of the program. */
_Noreturn void die(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * A stranger's text as it can be said: without the key, its control bytes
 * visible, cut to a sane length.  Returns `out`.
 */
char *say_quote(char out[SAY_QUOTE_SIZE], const char *text, size_t len);

#endif
