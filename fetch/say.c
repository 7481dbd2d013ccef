#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "log.h"
#include "say.h"
#include "trace.h"
#include "visible.h"

static const char *secret;
static size_t secret_len;
static bool status_shown;

void
say_secret(const char *text)
{
	secret = text;
	secret_len = strlen(text);
}

/* Adds the text to `out` with the secret replaced wherever it stands. */
static void
redact(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len, *found;

	while (secret_len > 0 && (found = memmem(text, (size_t)(end - text),
				      secret, secret_len)) != NULL) {
		buf_add(out, text, (size_t)(found - text));
		buf_puts(out, "[key]");
		text = found + secret_len;
	}
	buf_add(out, text, (size_t)(end - text));
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
	redact(&line, text, (size_t)len);
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

	redact(&clean, value, strlen(value));
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
	/* More than is shown, and never half a key at the end of it. */
	size_t most = SAY_QUOTE_SIZE + secret_len;

	redact(&clean, text, len < most ? len : most);
	visible(out, SAY_QUOTE_SIZE, clean.len ? clean.p : "", clean.len);
	buf_free(&clean);
	return out;
}
