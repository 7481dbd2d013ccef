/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "escape.h"
#include "log.h"
#include "pipe.h"
#include "status.h"
#include "timestamp.h"
#include "trace/trace.h"
#include "visible.h"

/* Bytes that all fields of a message may take, and one of them. */
#define FIELDS_MAX 1024
#define FIELD_MAX 320

/* A part of a line.  It needs no memory: there may be none to say so. */
struct part {
	char p[LOG_LINE_MAX];
	size_t len;
};

static const char *const level_names[] = {[LEVEL_ERROR] = "error",
    [LEVEL_WARNING] = "warning",
    [LEVEL_INFO] = "info"};

static bool json;
static struct part kept; /* ,"name":value ... of every message */
static struct part next; /* and of the next one alone */

static void
part_add(struct part *to, const char *bytes, size_t len)
{
	memcpy(to->p + to->len, bytes, len);
	to->len += len;
}

static void
part_puts(struct part *to, const char *text)
{
	part_add(to, text, strlen(text));
}

/* Adds a string of JSON that takes no more than `most` bytes, at least 8. */
static void
part_add_string(
    struct part *to, const char *text, size_t len, const size_t most)
{
	const size_t end = to->len + most - sizeof "...";
	char piece[ESCAPE_SIZE];
	size_t n, used;

	part_puts(to, "\"");
	for (; len > 0; text += used, len -= used) {
		n = escape_char(text, len, piece, &used);
		if (to->len + n > end) {
			part_puts(to, "...");
			break;
		}
		part_add(to, piece, n);
	}
	part_puts(to, "\"");
}

/* Adds a field with a string, or with what else `value` is in JSON. */
static void
part_add_field(
    struct part *to, const char *name, const char *value, bool is_string)
{
	if (!json || to->len + strlen(name) + 4 + FIELD_MAX > FIELDS_MAX)
		return;
	part_puts(to, ",\"");
	part_puts(to, name);
	part_puts(to, "\":");
	if (is_string)
		part_add_string(to, value, strlen(value), FIELD_MAX);
	else
		part_puts(to, value);
}

void
log_field(const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		part_add_field(&next, name, value, true);
}

void
log_field_int(const char *name, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRId64, value);
	part_add_field(&next, name, digits, false);
}

void
log_keep(const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		part_add_field(&kept, name, value, true);
}

void
log_init(void)
{
	const char *name = getenv("WOS_LOG_FORMAT");

	opterr = 0; /* getopt_long(3) would repeat the word as it is */
	if (name != NULL && *name != '\0')
		log_format("WOS_LOG_FORMAT", name);
}

void
log_format(const char *place, const char *name)
{
	if (strcmp(name, "text") != 0 && strcmp(name, "json") != 0)
		log_errx(
		    STATUS_USAGE, "%s: %s: neither text nor json", place, name);
	json = strcmp(name, "json") == 0;
	if (setenv("WOS_LOG_FORMAT", name, 1) == -1)
		log_err(STATUS_FAILED, "WOS_LOG_FORMAT");
}

enum log_level
log_level(const char *name)
{
	enum log_level level = LEVEL_INFO;

	while (level > LEVEL_ERROR && strcmp(name, level_names[level]) != 0)
		level--;
	return level;
}

bool
log_is_json(void)
{
	return json;
}

/* By which name it was called, as err(3) says it. */
static const char *
program_name(void)
{
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)
	return getprogname();
#else
	return program_invocation_short_name;
#endif
}

static void
part_add_head(struct part *line, enum log_level level)
{
	char now[TIMESTAMP_SIZE];

	timestamp_format(time_now(), now);
	part_puts(line, "{\"time\":\"");
	part_puts(line, now);
	part_puts(line, "\",\"level\":\"");
	part_puts(line, level_names[level]);
	part_puts(line, "\",\"program\":");
	part_add_string(line, program_name(), strlen(program_name()), 64);
	part_puts(line, ",\"message\":");
}

static void
part_write(const struct part *line)
{
	/* Where it fails there is nobody left to tell. */
	(void)pipe_write(STDERR_FILENO, line->p, line->len);
}

/* Writes a line of text, in which all is visible. */
static void
log_text(const char *message)
{
	struct part line = {.len = 0};

	visible(line.p, 64, program_name(), strlen(program_name()));
	line.len = strlen(line.p);
	part_puts(&line, ": ");
	visible(line.p + line.len, LOG_LINE_MAX - line.len - 1, message,
	    strlen(message));
	line.len = strlen(line.p);
	part_puts(&line, "\n");
	next.len = 0;
	part_write(&line);
}

/* Writes a line of JSON with the message and all its fields. */
static void
log_json(enum log_level level, const char *message)
{
	struct part line = {.len = 0};
	size_t room;

	part_add_head(&line, level);
	room = LOG_LINE_MAX - line.len - kept.len - next.len - 2;
	part_add_string(&line, message, strlen(message), room);
	part_add(&line, kept.p, kept.len);
	part_add(&line, next.p, next.len);
	part_puts(&line, "}\n");
	next.len = 0;
	part_write(&line);
}

/* Says what the format, which may be NULL, and an errno, or 0, come to. */
static void
log_say(enum log_level level, int error, const char *fmt, va_list ap)
{
	char message[LOG_LINE_MAX] = ""; /* more would not fit in a line */
	size_t len;

	if (fmt != NULL)
		vsnprintf(message, sizeof message, fmt, ap);
	len = strlen(message);
	if (error != 0)
		snprintf(message + len, sizeof message - len, "%s%s",
		    fmt != NULL ? ": " : "", strerror(error));
	if (json)
		log_json(level, message);
	else
		log_text(message);
}

void
log_err(int status, const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	trace_exiting(status);
	log_field_int("exit_status", status);
	va_start(ap, fmt);
	log_say(LEVEL_ERROR, error, fmt, ap);
	va_end(ap);
	exit(status);
}

void
log_errx(int status, const char *fmt, ...)
{
	va_list ap;

	trace_exiting(status);
	log_field_int("exit_status", status);
	va_start(ap, fmt);
	log_say(LEVEL_ERROR, 0, fmt, ap);
	va_end(ap);
	exit(status);
}

void
log_warn(const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	log_say(LEVEL_WARNING, error, fmt, ap);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_say(LEVEL_WARNING, 0, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_say(LEVEL_INFO, 0, fmt, ap);
	va_end(ap);
}

void
log_message(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_say(level, 0, fmt, ap);
	va_end(ap);
}

/* What is behind an option's name is not repeated: it may be a secret. */
void
log_bad_option(char *const *argv)
{
	const char *word = argv[optind - 1];
	int name = (int)strcspn(word, "=");

	if (strncmp(word, "--", 2) != 0 || word[2] == '\0')
		log_message(LEVEL_ERROR, "-%c: not an option", optopt);
	else if (optopt == 0)
		log_message(LEVEL_ERROR,
		    "%.*s: not an option, or short for several", name, word);
	else if (word[name] == '=')
		log_message(LEVEL_ERROR, "%.*s: takes no argument", name, word);
	else
		log_message(LEVEL_ERROR, "%.*s: needs an argument", name, word);
}

void
log_usage(const char *text)
{
	size_t len = strlen(text);

	if (!json) {
		fputs(text, stderr);
		exit(STATUS_USAGE);
	}
	while (len > 0 && text[len - 1] == '\n')
		len--;
	log_errx(STATUS_USAGE, "%.*s", (int)len, text);
}
