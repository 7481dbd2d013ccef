/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "json_string.h"
#include "log.h"
#include "log_note.h"
#include "memory.h"
#include "pipe.h"
#include "secret.h"
#include "status.h"
#include "timestamp.h"
#include "visible.h"

/* Bytes that all fields of a message may take, and one of them. */
#define FIELDS_MAX 2560
#define FIELD_MAX 320

/*
 * The buffers of the log have all the room that they may need, and so never
 * grow: there may be no memory to say so.
 */
static char kept_room[FIELDS_MAX], next_room[FIELDS_MAX];

/* ,"name":value ... of every message, and of the next one alone. */
static struct buf kept = {.p = kept_room, .cap = sizeof kept_room};
static struct buf next = {.p = next_room, .cap = sizeof next_room};

static const char *const level_names[] = {[LEVEL_ERROR] = "error",
    [LEVEL_WARNING] = "warning",
    [LEVEL_INFO] = "info"};

static bool json, quiet;
static bool status_shown;
static void (*tell_exit)(int status);

/* Adds a field with a string, or with what else `value` is in JSON. */
static void
add_field(struct buf *to, const char *name, const char *value, bool is_string)
{
	char clean[FIELD_MAX];
	size_t len;

	if (!json || to->len + strlen(name) + 4 + FIELD_MAX > FIELDS_MAX)
		return;
	len = secret_hide(clean, sizeof clean, value, strlen(value));
	buf_puts(to, ",\"");
	buf_puts(to, name);
	buf_puts(to, "\":");
	if (is_string)
		json_string_cut(to, clean, len, FIELD_MAX);
	else
		buf_add(to, clean, len);
}

void
log_field(const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		add_field(&next, name, value, true);
}

void
log_field_int(const char *name, int64_t value)
{
	char digits[24];

	log_note_field(name, value);
	snprintf(digits, sizeof digits, "%" PRId64, value);
	add_field(&next, name, digits, false);
}

void
log_field_json(const char *name, const char *text)
{
	if (json && next.len + strlen(name) + 4 + strlen(text) < FIELDS_MAX)
		buf_printf(&next, ",\"%s\":%s", name, text);
}

void
log_keep(const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		add_field(&kept, name, value, true);
}

static void
no_memory(void)
{
	errno = ENOMEM;
	log_err(STATUS_FAILED, NULL);
}

void
log_on_exit(void (*tell)(int status))
{
	tell_exit = tell;
}

void
log_init(void)
{
	const char *name = getenv("WOS_LOG_FORMAT");

	memory_on_out(no_memory);
	log_note_init();
	opterr = 0; /* getopt_long(3) would repeat the word as it is */
	quiet = getenv("WOS_QUIET") != NULL;
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

void
log_quiet(void)
{
	quiet = true;
	if (setenv("WOS_QUIET", "1", 1) == -1)
		log_err(STATUS_FAILED, "WOS_QUIET");
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
add_head(struct buf *line, enum log_level level)
{
	char now[TIMESTAMP_SIZE];

	timestamp_format(time_now(), now);
	buf_puts(line, "{\"time\":\"");
	buf_puts(line, now);
	buf_puts(line, "\",\"level\":\"");
	buf_puts(line, level_names[level]);
	buf_puts(line, "\",\"program\":");
	json_string_cut(line, program_name(), strlen(program_name()), 64);
	buf_puts(line, ",\"message\":");
}

/* Makes a line of text, in which all is visible. */
static void
make_text(struct buf *line, const char *message, size_t len)
{
	visible(line->p, 64, program_name(), strlen(program_name()));
	line->len = strlen(line->p);
	buf_puts(line, ": ");
	visible(line->p + line->len, line->cap - line->len - 1, message, len);
	line->len += strlen(line->p + line->len);
	buf_putc(line, '\n');
}

/* Makes a line of JSON with the message and all its fields. */
static void
make_json(
    struct buf *line, enum log_level level, const char *message, size_t len)
{
	add_head(line, level);
	json_string_cut(line, message, len,
	    line->cap - line->len - kept.len - next.len - 2);
	buf_add(line, kept.p, kept.len);
	buf_add(line, next.p, next.len);
	buf_puts(line, "}\n");
}

char *
log_quote(char out[LOG_QUOTE_SIZE], const char *text, size_t len)
{
	char clean[LOG_QUOTE_SIZE];

	len = secret_hide(clean, sizeof clean, text, len);
	return visible(out, LOG_QUOTE_SIZE, clean, len);
}

void
log_status(const char *text)
{
	static const char erase[] = "\r\033[K";

	if (json || quiet)
		return; /* it is for eyes alone */
	if (*text != '\0')
		fprintf(stderr, "%s%s: %s", erase, program_name(), text);
	else if (status_shown)
		fputs(erase, stderr);
	status_shown = *text != '\0';
}

/* Says what the format, which may be NULL, and an errno, or 0, come to. */
static void __attribute__((format(printf, 3, 0)))
log_say(enum log_level level, int error, const char *fmt, va_list ap)
{
	char message[LOG_LINE_MAX] = ""; /* more would not fit in a line */
	char clean[LOG_LINE_MAX], room[LOG_LINE_MAX];
	struct buf line = {.p = room, .cap = sizeof room};
	size_t len;

	if (level != LEVEL_ERROR)
		log_note_forget();
	if (quiet && level != LEVEL_ERROR) {
		next.len = 0;
		return;
	}
	if (fmt != NULL)
		vsnprintf(message, sizeof message, fmt, ap);
	len = strlen(message);
	if (error != 0)
		snprintf(message + len, sizeof message - len, "%s%s",
		    fmt != NULL ? ": " : "", strerror(error));
	len = secret_hide(clean, sizeof clean, message, strlen(message));
	if (level == LEVEL_ERROR)
		log_note(program_name(), clean, len);
	if (json)
		make_json(&line, level, clean, len);
	else
		make_text(&line, clean, len);
	next.len = 0;
	log_status("");
	/* Where it fails there is nobody left to tell. */
	(void)pipe_write(STDERR_FILENO, line.p, line.len);
}

/* The last message of a program, which ends with this status. */
static _Noreturn void __attribute__((format(printf, 3, 0)))
log_end(int status, int error, const char *fmt, va_list ap)
{
	if (tell_exit != NULL)
		tell_exit(status);
	log_field_int("exit_status", status);
	log_say(LEVEL_ERROR, error, fmt, ap);
	exit(status);
}

void
log_err(int status, const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	log_end(status, error, fmt, ap);
}

void
log_errx(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_end(status, 0, fmt, ap);
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
log_message(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_say(level, 0, fmt, ap);
	va_end(ap);
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
