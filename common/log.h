/* SPDX-License-Identifier: MIT */
#ifndef WOS_LOG_H
#define WOS_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What a program tells people, or what they have to read its messages: text
 * as err(3) and its family write it, or lines of JSON (RFC 8259):
 *
 *	{"time":"2026-11-23T19:00:00.123Z","level":"error",
 *	 "program":"wos-apply","message":"...", and fields}
 *
 * each one write(2), so that the lines of a pipe's programs don't mix.  In both
 * all of a message is visible, and free of the secret: see visible.h, secret.h.
 */

/*
 * A line of JSON is no longer than a pipe takes in one piece (PIPE_BUF of
 * Linux); a message that does not fit ends with "...".
 */
#define LOG_LINE_MAX 4096

/*
 * The most events that a run says one by one to be parked; of others it says
 * how many they are.  Enough to see what they have in common: cron makes a mail
 * of it, and parked_event has them all.
 */
#define LOG_PARKED_MOST 20

/* Bytes of a stranger's text in one message: a long sentence, no page. */
#define LOG_QUOTE_SIZE 400

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO };

/* The level of that name; anything else is an error. */
enum log_level log_level(const char *name);

/*
 * Takes the format that the environment has in WOS_LOG_FORMAT, if any.  To be
 * called before anything is said.  Ends the program as log_format does.
 */
void log_init(void);

/*
 * From now on this format, "text" or "json", here and in the programs that
 * this one starts.  Anything else ends the program with STATUS_USAGE; `place`
 * is where it was found.
 */
void log_format(const char *place, const char *name);

bool log_is_json(void);

/*
 * Adds a field to the next message, and to no other.  Fields are for lines of
 * JSON: the text of a message has to say it all by itself.  The name is ours,
 * the value anybody's; without a value, or without room, there is no field.
 */
void log_field(const char *name, const char *value);
void log_field_int(const char *name, int64_t value);

/* Adds a field to all messages to come. */
void log_keep(const char *name, const char *value);

/* As err(3) and its family; an exit status is a field, too. */
_Noreturn void log_err(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void log_errx(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* From now on `tell` is called with the status that those two end with. */
void log_on_exit(void (*tell)(int status));

void log_message(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
#define log_warnx(...) log_message(LEVEL_WARNING, __VA_ARGS__)

/* What went well, for those who asked for it with -v. */
#define log_info(...) log_message(LEVEL_INFO, __VA_ARGS__)

/*
 * A stranger's text as a message can quote it: without the secret, visible, and
 * only then cut.  Returns `out`.
 */
char *log_quote(char out[LOG_QUOTE_SIZE], const char *text, size_t len);

/*
 * A line that stays until the next one takes its place, on a terminal; the
 * empty one takes it away.  Among lines of JSON there is no such line.
 */
void log_status(const char *text);

/* The lines on how to use the program, and its end with STATUS_USAGE. */
_Noreturn void log_usage(const char *text);

#endif
