/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "log.h"
#include "say.h"
#include "trace/trace.h"
#include "visible.h"

/*
 * So many characters of the key in a row are not said either.  Keys begin with
 * as many that are no secret: sk_test_, sk_live_.
 */
#define PART_LEAST 8

static const char *secret = "";
static size_t secret_len;
static bool status_shown;

void
say_secret(const char *text)
{
	secret = text;
	secret_len = strlen(text);
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = memchr(digits, c | 0x20, sizeof digits - 1);

	return at ? (int)(at - digits) : -1;
}

/* The value of n digits, or -1. */
static int
hex_value(const char *p, const char *end, size_t n)
{
	int value = 0;

	if ((size_t)(end - p) < n)
		return -1;
	for (; n > 0; n--, p++) {
		if (hex_digit(*p) == -1)
			return -1;
		value = value * 16 + hex_digit(*p);
	}
	return value;
}

/*
 * A character, however a URL (%XX) or JSON (\uXXXX, \/) writes it.  Returns how
 * many bytes it takes.
 */
static size_t
written_char(const char *p, const char *end, int *c)
{
	if (*p == '%' && (*c = hex_value(p + 1, end, 2)) != -1)
		return 3;
	if (*p == '\\' && end - p > 1 && p[1] == 'u' &&
	    (*c = hex_value(p + 2, end, 4)) != -1)
		return 6;
	if (*p == '\\' && end - p > 1 && p[1] != 'u') {
		*c = (unsigned char)p[1];
		return 2;
	}
	*c = (unsigned char)*p;
	return 1;
}

/* How many bytes of the text say the secret from there on; *n characters. */
static size_t
says(const char *p, const char *end, const char *from, size_t *n)
{
	const char *begin = p;
	size_t len;
	int c;

	for (*n = 0; p < end && from[*n] != '\0'; p += len, ++*n) {
		len = written_char(p, end, &c);
		if (c != (unsigned char)from[*n])
			break;
	}
	return (size_t)(p - begin);
}

/*
 * How many bytes at the beginning of the text say the secret, or a part of it
 * that is worth hiding: what comes in may have been cut anywhere.
 */
static size_t
secret_at(const char *p, const char *end)
{
	size_t least = secret_len < PART_LEAST ? secret_len : PART_LEAST;
	size_t best = 0, len, n;

	for (size_t i = 0; i + least <= secret_len && secret_len > 0; i++) {
		len = says(p, end, secret + i, &n);
		if (n >= least && len > best)
			best = len;
	}
	return best;
}

/*
 * Adds the text to `out` with [key] for the secret and for parts of it, up to
 * some more than `most` bytes.
 */
static void
redact(struct buf *out, const char *text, size_t len, size_t most)
{
	const char *end = text + len;
	size_t hidden;

	while (text < end && out->len <= most) {
		hidden = secret_at(text, end);
		if (hidden > 0)
			buf_puts(out, "[key]");
		else
			buf_putc(out, *text);
		text += hidden > 0 ? hidden : 1;
	}
}

void
say_status(const char *text)
{
	static const char erase[] = "\r\033[K";

	if (log_is_json())
		return; /* it is for eyes alone */
	if (*text != '\0')
		fprintf(stderr, "%swos-fetch: %s", erase, text);
	else if (status_shown)
		fputs(erase, stderr);
	fflush(stderr);
	status_shown = *text != '\0';
}

static void
say_line(enum log_level level, const char *fmt, va_list ap)
{
	struct buf line = {0};
	char *text = NULL;
	int len = vasprintf(&text, fmt, ap);

	if (len == -1)
		log_errx(1, "no memory for a message");
	redact(&line, text, (size_t)len, SIZE_MAX);
	say_status("");
	log_message(level, "%s", buf_str(&line));
	buf_free(&line);
	free(text);
}

void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void
say_as(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(level, fmt, ap);
	va_end(ap);
}

void
say_field(const char *name, const char *value)
{
	struct buf clean = {0};

	redact(&clean, value, strlen(value), SIZE_MAX);
	log_field(name, buf_str(&clean));
	buf_free(&clean);
}

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	trace_exiting(status);
	log_field_int("exit_status", status);
	va_start(ap, fmt);
	say_line(LEVEL_ERROR, fmt, ap);
	va_end(ap);
	exit(status);
}

char *
say_quote(char out[SAY_QUOTE_SIZE], const char *text, size_t len)
{
	struct buf clean = {0};

	redact(&clean, text, len, SAY_QUOTE_SIZE);
	visible(out, SAY_QUOTE_SIZE, clean.len ? clean.p : "", clean.len);
	buf_free(&clean);
	return out;
}
