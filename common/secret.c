/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "hex.h"
#include "secret.h"

/*
 * So many characters of the secret in a row are not said either.  Keys begin
 * with as many that are no secret: sk_test_, sk_live_.
 */
#define PART_LEAST 8

static const char hidden_text[] = "[key]";

static const char *secret = "";
static size_t secret_len;

void
secret_set(const char *text)
{
	secret = text;
	secret_len = strlen(text);
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

	for (size_t i = 0; i + least <= secret_len; i++) {
		len = says(p, end, secret + i, &n);
		if (n >= least && len > best)
			best = len;
	}
	return best;
}

size_t
secret_hide(char *out, size_t size, const char *text, size_t len)
{
	const char *end = text + len;
	size_t made = 0, hidden, n;

	while (text < end) {
		hidden = secret_len > 0 ? secret_at(text, end) : 0;
		n = hidden > 0 ? sizeof hidden_text - 1 : 1;
		if (n > size - made)
			break;
		memcpy(out + made, hidden > 0 ? hidden_text : text, n);
		made += n;
		text += hidden > 0 ? hidden : 1;
	}
	return made;
}
